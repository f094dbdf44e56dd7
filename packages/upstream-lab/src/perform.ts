/** Runs a plan on a real connection. */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { LabRequest } from "./lab-request.ts";
import type { OpenRecord } from "./record.ts";
import type { Behaviour, Step } from "./step.ts";

export interface Stage {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly record: OpenRecord;
  /** Fires when the client leaves or the lab closes. */
  readonly gone: AbortSignal;
  nowMs(): number;
  /** Resolves early when the signal fires. */
  pause(ms: number, gone: AbortSignal): Promise<void>;
}

export async function perform(behaviour: Behaviour, labRequest: LabRequest, stage: Stage): Promise<void> {
  const { record, response, gone } = stage;
  const { socket } = stage.request;
  let unframed = false;
  for await (const step of behaviour.plan(labRequest)) {
    if (gone.aborted) return;
    switch (step.kind) {
      case "head":
        record.status = step.status;
        unframed = step.framing === "close";
        if (unframed) await written(socket, plainHead(step), gone);
        else sendHead(response, step);
        break;
      case "bytes":
      case "raw":
        await written(step.kind === "raw" || unframed ? socket : response, step.bytes, gone);
        record.bytesWritten += step.bytes.length;
        // A turn of the event loop between writes keeps chunks apart on the wire.
        await nextTurn();
        break;
      case "gate":
        await step.gate.enter(gone);
        break;
      case "pause":
        await stage.pause(step.ms, gone);
        break;
      case "forever":
        await fired(gone);
        break;
      case "cut":
      case "reset":
        record.outcome = "cut";
        record.finishedAtMs = stage.nowMs();
        if (step.kind === "reset") socket.resetAndDestroy();
        else socket.destroy();
        return;
    }
  }
  if (gone.aborted) return;
  await ended(unframed ? socket : response, gone, () => {
    if (record.outcome !== "open") return;
    record.outcome = "finished";
    record.finishedAtMs = stage.nowMs();
  });
}

type Head = Extract<Step, { kind: "head" }>;

function sendHead(response: ServerResponse, head: Head): void {
  for (const [name, value] of Object.entries(head.headers)) response.setHeader(name, value);
  response.writeHead(head.status);
  response.flushHeaders();
}

function plainHead(head: Head): Buffer {
  const lines = [`HTTP/1.1 ${head.status} ${STATUS_CODES[head.status] ?? "Unknown"}`, "connection: close"];
  for (const [name, value] of Object.entries(head.headers)) {
    for (const one of typeof value === "string" ? [value] : value) lines.push(`${name}: ${one}`);
  }
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`);
}

/** Resolves once the kernel has the bytes, which is backpressure too, or once the client has left. */
function written(target: Socket | ServerResponse, bytes: Buffer, gone: AbortSignal): Promise<void> {
  if (bytes.length === 0) return Promise.resolve();
  return untilGone(gone, (resolve) => {
    target.write(bytes, () => resolve());
  });
}

function ended(target: Socket | ServerResponse, gone: AbortSignal, done: () => void): Promise<void> {
  return untilGone(gone, (resolve) => {
    target.end(() => {
      done();
      resolve();
    });
  });
}

const fired = (gone: AbortSignal): Promise<void> => untilGone(gone, () => undefined);

function untilGone(gone: AbortSignal, start: (resolve: () => void) => void): Promise<void> {
  if (gone.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const settle = (): void => {
      gone.removeEventListener("abort", settle);
      resolve();
    };
    gone.addEventListener("abort", settle, { once: true });
    start(settle);
  });
}
