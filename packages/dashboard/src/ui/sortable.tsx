/** A list in an order of one's own: by dragging (mouse and touch), by buttons, and by Alt with the arrow keys. */
import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from "react";
import { texts } from "../texts.ts";

const t = texts.chains;

export function moved<T>(items: readonly T[], from: number, to: number): readonly T[] {
  const next = [...items];
  const [item] = next.splice(from, 1);
  if (item === undefined) return items;
  next.splice(to, 0, item);
  return next;
}

export function Sortable({
  items,
  render,
  onChange,
  label,
}: {
  readonly items: readonly string[];
  readonly render: (item: string) => ReactNode;
  readonly onChange: (items: readonly string[]) => void;
  readonly label: string;
}) {
  const list = useRef<HTMLOListElement>(null);
  const [dragged, setDragged] = useState<string>();
  const [said, setSaid] = useState("");

  const move = (item: string, to: number, focus: boolean): void => {
    const from = items.indexOf(item);
    const bounded = Math.max(0, Math.min(items.length - 1, to));
    if (from === -1 || from === bounded) return;
    onChange(moved(items, from, bounded));
    setSaid(t.moved(item, bounded + 1, items.length));
    if (focus)
      requestAnimationFrame(() =>
        list.current?.querySelector<HTMLElement>(`[data-item="${CSS.escape(item)}"]`)?.focus(),
      );
  };

  const follow = (event: PointerEvent): void => {
    if (dragged === undefined || list.current === null) return;
    const rows = [...list.current.children];
    const below = rows.findIndex((row) => {
      const { top, height } = row.getBoundingClientRect();
      return event.clientY < top + height;
    });
    move(dragged, below === -1 ? rows.length - 1 : below, false);
  };

  const press = (event: KeyboardEvent, item: string): void => {
    const by = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
    if (!event.altKey || by === 0) return;
    event.preventDefault();
    move(item, items.indexOf(item) + by, true);
  };

  return (
    <>
      <ol className="plain sortable" ref={list} aria-label={label}>
        {items.map((item, at) => (
          <li key={item} className={item === dragged ? "card dragged" : "card"}>
            <button
              type="button"
              className="handle"
              data-item={item}
              title={t.drag}
              aria-label={`${t.drag}: ${item}, ${at + 1} / ${items.length}`}
              onKeyDown={(event) => press(event, item)}
              onPointerDown={(event) => {
                event.currentTarget.setPointerCapture(event.pointerId);
                setDragged(item);
              }}
              onPointerMove={follow}
              onPointerUp={() => setDragged(undefined)}
              onPointerCancel={() => setDragged(undefined)}
            >
              <span aria-hidden="true">⠿</span>
            </button>
            <span className="position">{at + 1}</span>
            <span className="content">{render(item)}</span>
            <span className="row">
              <button
                type="button"
                className="small"
                disabled={at === 0}
                aria-label={`${t.up}: ${item}`}
                onClick={() => move(item, at - 1, false)}
              >
                ↑
              </button>
              <button
                type="button"
                className="small"
                disabled={at === items.length - 1}
                aria-label={`${t.down}: ${item}`}
                onClick={() => move(item, at + 1, false)}
              >
                ↓
              </button>
              <button
                type="button"
                className="small"
                aria-label={`${t.remove}: ${item}`}
                onClick={() => onChange(items.filter((other) => other !== item))}
              >
                ×
              </button>
            </span>
          </li>
        ))}
      </ol>
      <p className="visually-hidden" aria-live="polite">
        {said}
      </p>
    </>
  );
}
