/** A conversation with one model, or with two beside each other. */
import { type FormEvent, type KeyboardEvent, lazy, Suspense, useRef, useState } from "react";
import {
  type Answer,
  type ChatOptions,
  chatBody,
  type Question,
  type Turn,
  useChat,
} from "../../data/chat.ts";
import { texts } from "../../texts.ts";
import { Empty } from "../../ui/states.tsx";
import { AsCode } from "./code.tsx";
import { Outcome } from "./outcome.tsx";

const t = texts.playground;
// Loaded with the first answer: the parser is a third of this page.
const Markdown = lazy(async () => ({ default: (await import("../../ui/markdown.tsx")).Markdown }));

export function Chat({ model, beside }: { readonly model: string; readonly beside: string | null }) {
  const first = useChat(model);
  const second = useChat(beside ?? "");
  const [question, setQuestion] = useState<Question>({ text: "" });
  const [options, setOptions] = useState({ system: "", temperature: "", maxTokens: "", tools: "" });
  const tools = toolsOf(options.tools);
  const chatOptions: ChatOptions = { ...options, tools: tools === "wrong" ? undefined : tools };
  const busy = first.busy || second.busy;

  const send = (): void => {
    if (question.text.trim() === "" || busy || tools === "wrong") return;
    void first.send(question, chatOptions);
    if (beside !== null) void second.send(question, chatOptions);
    setQuestion({ text: "" });
  };
  const stop = (): void => {
    first.stop();
    second.stop();
  };
  const chats =
    beside === null
      ? [{ name: model, chat: first }]
      : [
          { name: model, chat: first },
          { name: beside, chat: second },
        ];
  return (
    <>
      <div className={beside === null ? "chats" : "chats two"}>
        {chats.map(({ name, chat }) => (
          <section key={name} aria-label={name} className="chat">
            {beside === null ? null : <h2>{name}</h2>}
            {chat.turns.length === 0 ? <Empty>{t.empty}</Empty> : null}
            {chat.turns.map((turn) => (
              <TurnView key={turn.id} turn={turn} />
            ))}
          </section>
        ))}
      </div>
      <Composer
        question={question}
        setQuestion={setQuestion}
        busy={busy}
        onSend={send}
        onStop={stop}
        onClear={() => {
          first.clear();
          second.clear();
        }}
      />
      <Options options={options} setOptions={setOptions} wrong={tools === "wrong"} />
      <AsCode
        path="/v1/chat/completions"
        body={chatBody(
          model,
          first.turns,
          question.text === "" ? (first.turns.at(-1)?.question ?? { text: "Hello!" }) : question,
          chatOptions,
        )}
      />
    </>
  );
}

function toolsOf(text: string): readonly unknown[] | undefined | "wrong" {
  if (text.trim() === "") return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? parsed : "wrong";
  } catch {
    return "wrong";
  }
}

function TurnView({ turn: { question, answer } }: { readonly turn: Turn }) {
  return (
    <>
      <div className="turn user">
        <strong>{t.you}</strong>
        <p className="said">{question.text}</p>
        {question.image === undefined ? null : <img src={question.image} alt={t.attach} />}
      </div>
      <AnswerView answer={answer} />
    </>
  );
}

function AnswerView({ answer }: { readonly answer: Answer }) {
  const { state, text, reasoning, tools, error, requestId } = answer;
  return (
    <article className="turn" aria-busy={state === "running"}>
      {reasoning === "" ? null : (
        <details>
          <summary>{t.reasoning}</summary>
          <p className="said">{reasoning}</p>
        </details>
      )}
      <Suspense fallback={<p className="said">{text}</p>}>
        {text === "" ? null : <Markdown text={text} />}
      </Suspense>
      {state === "running" && text === "" ? (
        <p role="status" className="waiting">
          <span className="dots" aria-hidden="true" /> {texts.waiting}
        </p>
      ) : null}
      {tools.map((call, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: calls keep their places
        <div key={at} className="note">
          <strong>
            {t.toolCall}: {call.name}
          </strong>
          <pre>{call.arguments}</pre>
        </div>
      ))}
      {state === "stopped" ? <p className="quiet">{t.stopped}</p> : null}
      {error === undefined ? null : (
        <p className="failed" role="alert">
          {error}
        </p>
      )}
      {state === "running" ? null : <Outcome id={requestId} />}
    </article>
  );
}

function Composer({
  question,
  setQuestion,
  busy,
  onSend,
  onStop,
  onClear,
}: {
  readonly question: Question;
  readonly setQuestion: (question: Question) => void;
  readonly busy: boolean;
  readonly onSend: () => void;
  readonly onStop: () => void;
  readonly onClear: () => void;
}) {
  const file = useRef<HTMLInputElement>(null);
  const [name, setName] = useState("");
  const attach = async (): Promise<void> => {
    const [chosen] = file.current?.files ?? [];
    if (chosen === undefined) return;
    setName(chosen.name);
    setQuestion({ ...question, image: await dataUrl(chosen) });
  };
  const drop = (): void => {
    if (file.current !== null) file.current.value = "";
    setQuestion({ text: question.text });
  };
  return (
    <form
      className="composer"
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        onSend();
      }}
    >
      <div className="field">
        <label htmlFor="message">{t.message}</label>
        <textarea
          id="message"
          rows={3}
          value={question.text}
          onChange={(event) => setQuestion({ ...question, text: event.currentTarget.value })}
          onKeyDown={(event: KeyboardEvent) => {
            if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
            event.preventDefault();
            onSend();
          }}
        />
      </div>
      {question.image === undefined ? null : (
        <p className="row">
          {t.attached(name)}
          <button type="button" className="small" onClick={drop}>
            {t.removeImage}
          </button>
        </p>
      )}
      <div className="row">
        {busy ? (
          <button type="button" className="primary" onClick={onStop}>
            {t.stop}
          </button>
        ) : (
          <button type="submit" className="primary" disabled={question.text.trim() === ""}>
            {t.send}
          </button>
        )}
        <button type="button" onClick={() => file.current?.click()}>
          {t.attach}
        </button>
        <input
          ref={file}
          type="file"
          accept="image/*"
          hidden
          aria-label={t.attach}
          onChange={() => void attach()}
        />
        <button type="button" onClick={onClear}>
          {t.clear}
        </button>
      </div>
    </form>
  );
}

export function dataUrl(file: Blob): Promise<string> {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(String(reader.result));
    reader.onerror = () => failed(reader.error ?? new Error("the file cannot be read"));
    reader.readAsDataURL(file);
  });
}

interface OptionTexts {
  readonly system: string;
  readonly temperature: string;
  readonly maxTokens: string;
  readonly tools: string;
}

function Options({
  options,
  setOptions,
  wrong,
}: {
  readonly options: OptionTexts;
  readonly setOptions: (options: OptionTexts) => void;
  readonly wrong: boolean;
}) {
  const set = (change: Partial<OptionTexts>): void => setOptions({ ...options, ...change });
  return (
    <details>
      <summary>{t.options}</summary>
      <div className="field">
        <label htmlFor="system">{t.system}</label>
        <textarea
          id="system"
          rows={2}
          value={options.system}
          onChange={(event) => set({ system: event.currentTarget.value })}
        />
      </div>
      <div className="filters">
        <div className="field">
          <label htmlFor="temperature">{t.temperature}</label>
          <input
            id="temperature"
            type="number"
            min="0"
            max="2"
            step="0.1"
            value={options.temperature}
            onChange={(event) => set({ temperature: event.currentTarget.value })}
          />
        </div>
        <div className="field">
          <label htmlFor="max-tokens">{t.maxTokens}</label>
          <input
            id="max-tokens"
            type="number"
            min="1"
            value={options.maxTokens}
            onChange={(event) => set({ maxTokens: event.currentTarget.value })}
          />
        </div>
      </div>
      <div className="field">
        <label htmlFor="tools">{t.tools}</label>
        <textarea
          id="tools"
          rows={4}
          spellCheck={false}
          value={options.tools}
          aria-invalid={wrong}
          aria-describedby="tools-help"
          onChange={(event) => set({ tools: event.currentTarget.value })}
        />
        <p id="tools-help" className={wrong ? "bad-text" : "quiet"}>
          {wrong ? t.toolsWrong : t.toolsHelp}
        </p>
      </div>
    </details>
  );
}
