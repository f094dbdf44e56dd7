/**
 * The live stream. One tab of a browser holds it and tells the others, since a browser opens six connections to a server at
 * most. Without Web Locks, which need HTTPS or loopback, each visible tab has its own and closes it when it is hidden.
 */
import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from "react";
import { Clock } from "../ui/states.tsx";
import type { GatewayState, RequestRow } from "./types.ts";

type Message =
  | { readonly kind: "requests"; readonly rows: readonly RequestRow[]; readonly id: string }
  | { readonly kind: "state"; readonly state: GatewayState }
  | { readonly kind: "resync" }
  | { readonly kind: "link"; readonly up: boolean };

/** A tab that has just come asks the one that holds the stream what it knows. */
interface Hello {
  readonly kind: "hello";
}

type OnRows = (rows: readonly RequestRow[]) => void;

interface Live {
  readonly up: boolean | undefined;
  readonly state: GatewayState | undefined;
  /** @returns the function that ends it */
  onRows(listener: OnRows): () => void;
}

const LiveContext = createContext<Live>({ up: undefined, state: undefined, onRows: () => () => undefined });
export const useLive = (): Live => useContext(LiveContext);

const NAME = "headgate-events";

export function Events({ children }: { readonly children: ReactNode }) {
  const client = useQueryClient();
  const listeners = useRef(new Set<OnRows>());
  const [up, setUp] = useState<boolean>();
  const [state, setState] = useState<GatewayState>();
  const [onRows] = useState(() => (listener: OnRows) => {
    listeners.current.add(listener);
    return () => void listeners.current.delete(listener);
  });

  useEffect(() => {
    let lastId: string | undefined;
    let known: GatewayState | undefined;
    const take = (message: Message): void => {
      setUp(message.kind === "link" ? message.up : true);
      if (message.kind === "link") return;
      if (message.kind === "requests") {
        lastId = message.id;
        for (const listener of listeners.current) listener(message.rows);
      } else if (message.kind === "resync") void client.invalidateQueries();
      else {
        const { table, settled, started_at } = message.state;
        if (known !== undefined && (known.table !== table || known.started_at !== started_at))
          void client.invalidateQueries();
        else if (known !== undefined && known.settled !== settled)
          void client.invalidateQueries({
            predicate: ({ queryKey }) => queryKey[0] !== "settings" && queryKey[0] !== "session",
          });
        known = message.state;
        setState(message.state);
      }
    };
    return hold(take, () => lastId);
  }, [client]);

  return (
    <LiveContext value={{ up, state, onRows }}>
      <Clock>{children}</Clock>
    </LiveContext>
  );
}

/** @returns the function that ends it */
function hold(take: (message: Message) => void, lastId: () => string | undefined): () => void {
  const ended = new AbortController();
  const channel = typeof BroadcastChannel === "undefined" ? undefined : new BroadcastChannel(NAME);
  let holds = false;
  /** The latest of each kind, in the order in which they came, for a tab that comes later. */
  const latest = new Map<"state" | "link", Message>();
  const tell = (message: Message): void => {
    if (ended.signal.aborted) return;
    if (message.kind === "state" || message.kind === "link") {
      latest.delete(message.kind);
      latest.set(message.kind, message);
    }
    take(message);
    channel?.postMessage(message);
  };
  const hear = ({ data }: MessageEvent<Message | Hello>): void => {
    if (data.kind !== "hello") take(data);
    else if (holds) for (const message of latest.values()) channel?.postMessage(message);
  };
  channel?.addEventListener("message", hear, { signal: ended.signal });
  channel?.postMessage({ kind: "hello" } satisfies Hello);
  if (navigator.locks !== undefined && channel !== undefined) {
    navigator.locks
      .request(NAME, { signal: ended.signal }, () => {
        // The lock may be granted in the moment in which the page has left.
        if (ended.signal.aborted) return;
        holds = true;
        const close = open(tell, lastId);
        return new Promise<void>((done) => {
          ended.signal.addEventListener("abort", () => {
            close();
            done();
          });
        });
      })
      .catch(() => undefined);
  } else {
    let close: (() => void) | undefined;
    const follow = (): void => {
      if (document.visibilityState === "hidden") {
        close?.();
        close = undefined;
      } else close ??= open(take, lastId);
    };
    document.addEventListener("visibilitychange", follow, { signal: ended.signal });
    ended.signal.addEventListener("abort", () => close?.());
    follow();
  }
  return () => {
    ended.abort();
    channel?.close();
  };
}

/** Opens the stream; it goes on from where the last one ended. */
function open(tell: (message: Message) => void, lastId: () => string | undefined): () => void {
  let source: EventSource | undefined;
  let again: ReturnType<typeof setTimeout> | undefined;
  const begin = (): void => {
    const after = lastId();
    source = new EventSource(
      `/admin/events${after === undefined ? "" : `?after=${encodeURIComponent(after)}`}`,
    );
    source.addEventListener("open", () => tell({ kind: "link", up: true }));
    source.addEventListener("requests", (event) =>
      tell({
        kind: "requests",
        rows: (JSON.parse(event.data) as { rows: RequestRow[] }).rows,
        id: event.lastEventId,
      }),
    );
    source.addEventListener("state", (event) =>
      tell({ kind: "state", state: JSON.parse(event.data) as GatewayState }),
    );
    source.addEventListener("resync", () => tell({ kind: "resync" }));
    source.addEventListener("error", () => {
      tell({ kind: "link", up: false });
      // A browser gives up for good on an answer that is no stream, such as a restarting gateway's.
      if (source?.readyState !== EventSource.CLOSED) return;
      clearTimeout(again);
      again = setTimeout(begin, 2_000);
    });
  };
  begin();
  return () => {
    clearTimeout(again);
    source?.close();
  };
}
