/** How usual programs are pointed at this gateway; the key's place is a variable. */
import { useState } from "react";
import { texts } from "../../texts.ts";
import { Copy } from "../../ui/parts.tsx";

const t = texts.clients;

const SNIPPETS: Readonly<Record<string, (origin: string) => string>> = {
  "OpenAI SDK": (origin) => `export OPENAI_BASE_URL=${origin}/v1\nexport OPENAI_API_KEY=$HEADGATE_KEY`,
  "Anthropic SDK, Claude Code": (origin) =>
    `export ANTHROPIC_BASE_URL=${origin}\nexport ANTHROPIC_AUTH_TOKEN=$HEADGATE_KEY`,
  "Gemini SDK": (origin) => `export GOOGLE_GEMINI_BASE_URL=${origin}\nexport GEMINI_API_KEY=$HEADGATE_KEY`,
  Ollama: (origin) => `export OLLAMA_HOST=${origin}\nexport OLLAMA_API_KEY=$HEADGATE_KEY`,
  curl: (origin) => `curl ${origin}/v1/models -H "Authorization: Bearer $HEADGATE_KEY"`,
};

export function Snippets() {
  const names = Object.keys(SNIPPETS);
  const [name, setName] = useState(names[0] ?? "");
  const text = SNIPPETS[name]?.(globalThis.location.origin) ?? "";
  return (
    <>
      <p>{t.snippetsHelp}</p>
      <div className="row">
        {names.map((one) => (
          <button key={one} type="button" aria-pressed={one === name} onClick={() => setName(one)}>
            {one}
          </button>
        ))}
        <Copy text={text} />
      </div>
      <pre>{text}</pre>
    </>
  );
}
