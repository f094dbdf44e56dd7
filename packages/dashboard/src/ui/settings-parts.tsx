/** How a change of the user's files went. */
import { useQueryClient } from "@tanstack/react-query";
import { notSaved, type Progress } from "../data/settings.ts";
import type { Finding } from "../data/types.ts";
import { texts } from "../texts.ts";

const t = texts.settings;

export function Saved({ progress }: { readonly progress: Progress }) {
  const words = {
    idle: "",
    saving: texts.waiting,
    applying: texts.providers.applying,
    applied: texts.providers.applied,
    late: texts.providers.notApplied,
  };
  return (
    <p role="status" className={progress === "late" ? "bad-text" : "quiet"}>
      {words[progress]}
    </p>
  );
}

export function Findings({ findings }: { readonly findings: readonly Finding[] }) {
  return (
    <ul>
      {findings.map((finding) => (
        <li key={`${finding.code} ${finding.message}`}>
          <strong>{finding.code}</strong> {finding.message} {finding.fix}{" "}
          <span className="quiet">
            {finding.file}
            {finding.line === null ? null : `:${finding.line}`}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** The error, the compiler's findings, or what the file holds now. @param fields the variables whose own fields show their findings */
export function NotSaved({
  error,
  fields = [],
}: {
  readonly error: Error | null;
  readonly fields?: readonly string[];
}) {
  const client = useQueryClient();
  if (error === null) return null;
  const details = notSaved(error);
  if (details?.variable != null && fields.includes(details.variable)) return null;
  return (
    <div className="failed" role="alert">
      <strong>{details?.why === "conflict" ? t.conflict : error.message}</strong>
      {details?.why === "conflict" ? <p>{error.message}</p> : null}
      {details?.findings === undefined ? null : <Findings findings={details.findings} />}
      {details?.diff === undefined || details.diff === "" ? null : (
        <details>
          <summary>{t.now}</summary>
          <pre>{details.diff}</pre>
        </details>
      )}
      {details?.why === "conflict" ? (
        <button type="button" onClick={() => void client.invalidateQueries({ queryKey: ["settings"] })}>
          {t.reload}
        </button>
      ) : null}
    </div>
  );
}

export function Diff({ text }: { readonly text: string }) {
  if (text.trim() === "") return <p className="quiet">{t.noDiff}</p>;
  return (
    <pre className="diff">
      {text.split("\n").map((line, at) => {
        const key = `${at} ${line}`;
        if (line.startsWith("+")) return <ins key={key}>{line}</ins>;
        if (line.startsWith("-")) return <del key={key}>{line}</del>;
        return <span key={key}>{`${line}\n`}</span>;
      })}
    </pre>
  );
}
