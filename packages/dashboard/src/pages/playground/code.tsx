/** The request as a program would send it. The key is a variable: the page does not know it. */
import { useState } from "react";
import { texts } from "../../texts.ts";
import { Copy } from "../../ui/parts.tsx";

const t = texts.playground;
const KINDS = ["curl", "python", "typescript"] as const;
type Kind = (typeof KINDS)[number];

export function AsCode({ path, body }: { readonly path: string; readonly body: object }) {
  const [kind, setKind] = useState<Kind>("curl");
  const text = codeOf(kind, globalThis.location.origin, path, body);
  return (
    <details>
      <summary>{t.code}</summary>
      <div className="row">
        {KINDS.map((name) => (
          <button key={name} type="button" aria-pressed={name === kind} onClick={() => setKind(name)}>
            {t[name]}
          </button>
        ))}
        <Copy text={text} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll */}
      <pre tabIndex={0}>{text}</pre>
      <p className="quiet">{t.keyNote}</p>
    </details>
  );
}

/** Long data of pictures would hide the rest. */
const shortened = (body: object, space?: number): string =>
  JSON.stringify(
    body,
    (_, value: unknown) =>
      typeof value === "string" && value.startsWith("data:") ? "data:image/png;base64,…" : value,
    space,
  );

const METHODS: Readonly<Record<string, readonly [python: string, typescript: string]>> = {
  "/v1/chat/completions": ["chat.completions.create", "chat.completions.create"],
  "/v1/embeddings": ["embeddings.create", "embeddings.create"],
  "/v1/images/generations": ["images.generate", "images.generate"],
  "/v1/audio/speech": ["audio.speech.create", "audio.speech.create"],
  "/v1/audio/transcriptions": ["audio.transcriptions.create", "audio.transcriptions.create"],
};

export function codeOf(kind: Kind, origin: string, path: string, body: object): string {
  const [python = "", typescript = ""] = METHODS[path] ?? [];
  const isFile = path.endsWith("/transcriptions");
  if (kind === "curl") {
    const sent = isFile
      ? Object.entries(body)
          .map(([name, value]) => `  -F ${name}=${String(value)}`)
          .join(" \\\n")
      : `  -H "Content-Type: application/json" \\\n  -d '${shortened(body, 2).replaceAll("'", "'\\''")}'`;
    return `curl ${origin}${path} \\\n  -H "Authorization: Bearer $HEADGATE_KEY" \\\n${sent}`;
  }
  if (kind === "python") {
    const fields = Object.entries(body)
      .map(
        ([name, value]) =>
          `    ${name}=${isFile && name === "file" ? 'open("audio.wav", "rb")' : pythonOf(value)},`,
      )
      .join("\n");
    return `import os\nfrom openai import OpenAI\n\nclient = OpenAI(base_url="${origin}/v1", api_key=os.environ["HEADGATE_KEY"])\nanswer = client.${python}(\n${fields}\n)\nprint(answer)`;
  }
  const fields = Object.entries(body)
    .map(
      ([name, value]) =>
        `  ${name}: ${isFile && name === "file" ? 'createReadStream("audio.wav")' : shortened({ value }, 2).replace(/^\{\s*"value": |\s*\}$/g, "")},`,
    )
    .join("\n");
  const file = isFile ? 'import { createReadStream } from "node:fs";\n' : "";
  return `${file}import OpenAI from "openai";\n\nconst client = new OpenAI({ baseURL: "${origin}/v1", apiKey: process.env.HEADGATE_KEY });\nconst answer = await client.${typescript}({\n${fields}\n});\nconsole.log(answer);`;
}

/** JSON is Python but for three words. */
const pythonOf = (value: unknown): string => {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(pythonOf).join(", ")}]`;
  if (typeof value === "object")
    return `{${Object.entries(value as object)
      .map(([name, one]) => `${JSON.stringify(name)}: ${pythonOf(one)}`)
      .join(", ")}}`;
  return typeof value === "string" && value.startsWith("data:")
    ? '"data:image/png;base64,…"'
    : JSON.stringify(value);
};
