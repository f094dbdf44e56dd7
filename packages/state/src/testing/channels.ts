/** A worker's channel without a process: messages go through JSON, and one at a time. */
import type { Channel } from "../workers/channel.ts";

export interface ChannelPair {
  readonly worker: Channel;
  readonly primary: Channel;
  close(): void;
  /** While held, the primary gets no message. */
  hold(held: boolean): void;
}

export function channelPair(): ChannelPair {
  const closers: (() => void)[] = [];
  const listeners: Record<"worker" | "primary", ((message: unknown) => void)[]> = { worker: [], primary: [] };
  let closed = false;
  let held = false;
  let waiting: (() => void)[] = [];
  const end = (mine: "worker" | "primary", other: "worker" | "primary"): Channel => ({
    send(message, sent) {
      const text = JSON.stringify(message);
      const deliver = (): void => {
        sent();
        if (!closed) for (const listener of listeners[other]) listener(JSON.parse(text));
      };
      if (held && other === "primary") waiting.push(deliver);
      else setImmediate(deliver);
    },
    onMessage: (listener) => void listeners[mine].push(listener),
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
