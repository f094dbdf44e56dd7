/** A worker's channel without a process: messages go through JSON, and one at a time. */
import type { Channel } from "../workers/channel.ts";

export interface ChannelPair {
  readonly worker: Channel;
  readonly primary: Channel;
  close(): void;
  /** While held, the primary hears nothing. */
  hold(held: boolean): void;
}

export function channelPair(): ChannelPair {
  const closers: (() => void)[] = [];
  const hears: Record<"worker" | "primary", ((message: unknown) => void)[]> = { worker: [], primary: [] };
  let closed = false;
  let held = false;
  let waiting: (() => void)[] = [];
  const end = (mine: "worker" | "primary", other: "worker" | "primary"): Channel => ({
    send(message, sent) {
      const text = JSON.stringify(message);
      const deliver = (): void => {
        sent();
        if (!closed) for (const hear of hears[other]) hear(JSON.parse(text));
      };
      if (held && other === "primary") waiting.push(deliver);
      else setImmediate(deliver);
    },
    onMessage: (listener) => void hears[mine].push(listener),
    onClose: (listener) => void closers.push(listener),
  });
  return {
    worker: end("worker", "primary"),
    primary: end("primary", "worker"),
    close() {
      if (closed) return;
      closed = true;
      for (const close of closers) close();
    },
    hold(now) {
      held = now;
      if (now) return;
      for (const deliver of waiting) setImmediate(deliver);
      waiting = [];
    },
  };
}
