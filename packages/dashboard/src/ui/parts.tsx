/** Small parts of every page. */
import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { dateTime, fromNow } from "../data/format.ts";
import { texts } from "../texts.ts";
import { useNow } from "./states.tsx";

export type Tone = "good" | "warn" | "bad" | "info" | "off";
const SHAPES: Readonly<Record<Tone, string>> = { good: "●", warn: "▲", bad: "■", info: "◆", off: "○" };

/** A state as shape and word; the colour only repeats them. */
export function Badge({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }) {
  return (
    <span className={`badge ${tone}`}>
      <span aria-hidden="true">{SHAPES[tone]}</span> {children}
    </span>
  );
}

export function Heading({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className="heading">
      <h1>{title}</h1>
      <div className="actions">{children}</div>
    </div>
  );
}

export function Section({
  title,
  actions,
  children,
}: {
  readonly title: string;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <div className="section-heading">
        <h2 id={id}>{title}</h2>
        {actions === undefined ? null : <div className="actions">{actions}</div>}
      </div>
      {children}
    </section>
  );
}

/** A figure with its name. */
export function Figure({
  name,
  value,
  note,
}: {
  readonly name: string;
  readonly value: ReactNode;
  readonly note?: ReactNode;
}) {
  return (
    <div className="figure card">
      <dt>{name}</dt>
      <dd>
        <span className="value">{value}</span>
        {note === undefined ? null : <span className="quiet">{note}</span>}
      </dd>
    </div>
  );
}

export function Moment({ at }: { readonly at: string | number | null | undefined }) {
  const nowMs = useNow();
  if (at == null) return <span>{texts.unknown}</span>;
  const iso = typeof at === "number" ? new Date(at).toISOString() : at;
  return (
    <time dateTime={iso} title={dateTime(at)}>
      {fromNow(at, nowMs)}
    </time>
  );
}

/** Copies without the clipboard API too, which browsers give to pages over HTTPS and loopback only. */
export function Copy({ text, label = texts.copy }: { readonly text: string; readonly label?: string }) {
  const [done, setDone] = useState(false);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      area.className = "visually-hidden";
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    setDone(true);
    setTimeout(() => setDone(false), 2_000);
  };
  return (
    <button type="button" className="small" onClick={() => void copy()}>
      {done ? texts.copied : label}
    </button>
  );
}

/** A modal dialog while it is mounted. Escape, its button and a click beside it close it. */
export function Modal({
  title,
  onClose,
  wide,
  children,
}: {
  readonly title: string;
  readonly onClose: () => void;
  readonly wide?: boolean;
  readonly children: ReactNode;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const element = dialog.current;
    if (element !== null && !element.open) element.showModal();
    return () => element?.close();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a dialog by itself
    <dialog
      ref={dialog}
      className={wide === true ? "wide" : undefined}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
    >
      <div className="dialog-body">
        <div className="section-heading">
          <h2 id={id}>{title}</h2>
          <button type="button" onClick={onClose}>
            {texts.close}
          </button>
        </div>
        {children}
      </div>
    </dialog>
  );
}

export interface Column<T> {
  readonly name: string;
  readonly numeric?: boolean;
  readonly cell: (row: T) => ReactNode;
}

/** A table that scrolls inside itself on a narrow screen, and can be scrolled by keyboard. */
export function Table<T>({
  caption,
  columns,
  rows,
  keyOf,
  onOpen,
  selected,
}: {
  readonly caption: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string;
  readonly onOpen?: (row: T) => void;
  readonly selected?: string | undefined;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls must take the keyboard
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for controls
    <div className="table" role="group" aria-label={caption} tabIndex={0}>
      <table>
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ name, numeric }) => (
              <th key={name} scope="col" className={numeric === true ? "numeric" : undefined}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const key = keyOf(row);
            return (
              <tr key={key} className={key === selected ? "selected" : undefined}>
                {columns.map(({ name, numeric, cell }, at) => (
                  <td key={name} className={numeric === true ? "numeric" : undefined}>
                    {at === 0 && onOpen !== undefined ? (
                      <button type="button" className="link" onClick={() => onOpen(row)}>
                        {cell(row)}
                      </button>
                    ) : (
                      cell(row)
                    )}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
