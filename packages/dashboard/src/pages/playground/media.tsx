/** Pictures, speech, transcription and embeddings. */
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import { errorOf } from "../../data/api.ts";
import { texts } from "../../texts.ts";
import { Failed } from "../../ui/states.tsx";
import { AsCode } from "./code.tsx";
import { Outcome } from "./outcome.tsx";

const t = texts.playground;

interface Result<T> {
  readonly value: T;
  readonly requestId: string | undefined;
}

async function request<T>(
  path: string,
  body: BodyInit,
  json: boolean,
  read: (response: Response) => Promise<T>,
): Promise<Result<T>> {
  const response = await fetch(`/admin${path}`, {
    method: "POST",
    body,
    ...(json ? { headers: { "content-type": "application/json" } } : {}),
  });
  if (!response.ok) throw errorOf(response, await response.json().catch(() => undefined));
  return { value: await read(response), requestId: response.headers.get("x-request-id") ?? undefined };
}

function Form<T>({
  path,
  body,
  form,
  children,
  run,
  show,
}: {
  readonly path: string;
  /** As code shows it. */
  readonly body: object;
  readonly form: () => FormData | undefined;
  readonly children: ReactNode;
  readonly run: (response: Response) => Promise<T>;
  readonly show: (value: T) => ReactNode;
}) {
  const sent = useMutation({
    mutationFn: () => {
      const data = form();
      return request(path, data ?? JSON.stringify(body), data === undefined, run);
    },
  });
  return (
    <>
      <form
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          sent.mutate();
        }}
      >
        {children}
        <button type="submit" className="primary" disabled={sent.isPending}>
          {sent.isPending ? texts.waiting : t.run}
        </button>
      </form>
      <div aria-live="polite">
        {sent.error === null ? null : <Failed error={sent.error} />}
        {sent.data === undefined ? null : (
          <div className="card">
            {show(sent.data.value)}
            <Outcome id={sent.data.requestId} />
          </div>
        )}
      </div>
      <AsCode path={path} body={body} />
    </>
  );
}

const noForm = (): undefined => undefined;

function TextField({
  id,
  label,
  value,
  onChange,
}: {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        rows={3}
        required
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    </div>
  );
}

interface Images {
  readonly data: readonly { readonly b64_json?: string; readonly url?: string }[];
}

export function ImageMaker({ model }: { readonly model: string }) {
  const [prompt, setPrompt] = useState("");
  return (
    <Form
      path="/v1/images/generations"
      body={{ model, prompt, response_format: "b64_json" }}
      form={noForm}
      run={(response) => response.json() as Promise<Images>}
      show={({ data }) =>
        data.map(({ b64_json, url }) =>
          b64_json === undefined ? (
            // Another host's picture is not loaded: the page sends requests to its own gateway only.
            <p key={url}>
              <a href={url} target="_blank" rel="noreferrer noopener">
                {url}
              </a>
            </p>
          ) : (
            <img
              key={b64_json.slice(0, 60)}
              className="made"
              src={`data:image/png;base64,${b64_json}`}
              alt={t.alt}
            />
          ),
        )
      }
    >
      <TextField id="prompt" label={t.prompt} value={prompt} onChange={setPrompt} />
    </Form>
  );
}

export function Speech({ model }: { readonly model: string }) {
  const [input, setInput] = useState("");
  const [voice, setVoice] = useState("alloy");
  return (
    <Form
      path="/v1/audio/speech"
      body={{ model, input, voice, response_format: "wav" }}
      form={noForm}
      run={async (response) => URL.createObjectURL(await response.blob())}
      // biome-ignore lint/a11y/useMediaCaption: the text is the field above
      show={(url) => <audio controls src={url} />}
    >
      <TextField id="speech" label={t.text} value={input} onChange={setInput} />
      <div className="field">
        <label htmlFor="voice">{t.voice}</label>
        <input id="voice" required value={voice} onChange={(event) => setVoice(event.currentTarget.value)} />
      </div>
    </Form>
  );
}

export function Transcription({ model }: { readonly model: string }) {
  const [file, setFile] = useState<File>();
  return (
    <Form
      path="/v1/audio/transcriptions"
      body={{ model, file: file === undefined ? "@audio.wav" : `@${file.name}` }}
      form={() => {
        const data = new FormData();
        data.set("model", model);
        if (file !== undefined) data.set("file", file, file.name);
        return data;
      }}
      run={async (response) => ((await response.json()) as { text: string }).text}
      show={(text) => <p className="said">{text}</p>}
    >
      <div className="field">
        <label htmlFor="audio">{t.file}</label>
        <input
          id="audio"
          type="file"
          accept="audio/*"
          required
          onChange={(event) => setFile(event.currentTarget.files?.[0])}
        />
      </div>
    </Form>
  );
}

interface Embeddings {
  readonly data: readonly { readonly embedding: readonly number[] }[];
}
const SHOWN_NUMBERS = 8;

export function Embedding({ model }: { readonly model: string }) {
  const [input, setInput] = useState("");
  return (
    <Form
      path="/v1/embeddings"
      body={{ model, input }}
      form={noForm}
      run={(response) => response.json() as Promise<Embeddings>}
      show={({ data: [first] }) => (
        <>
          <p>{t.dimensions(first?.embedding.length ?? 0)}</p>
          <pre>{first?.embedding.slice(0, SHOWN_NUMBERS).join(", ")} …</pre>
        </>
      )}
    >
      <TextField id="embedded" label={t.input} value={input} onChange={setInput} />
    </Form>
  );
}
