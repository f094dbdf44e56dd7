/** The leader's side: followers (other processes of this state directory) ask it over a Unix domain socket. */
import { randomBytes } from "node:crypto";
import { chmod, rename, rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { present } from "@headgate/contract";
import type { Lease } from "@headgate/resources";
import type { LocalMemory } from "./local-memory.ts";
import { FORMAT, type FromAsker, hear, readFromAsker, say } from "./messages.ts";

/** Less than a third of what an asker waits. */
const ALIVE_MS = 2_000;
const MAX_ASKERS = 256;
const GOODBYE_MS = 500;

export interface LeaderServerInput {
  readonly path: string;
  readonly memory: LocalMemory;
  readonly token: number;
  readonly nowMs: () => number;
}

export interface LeaderServer {
  /** Hangs up on all who ask. @param mine whether the socket's file is still this process's to remove */
  close(mine: boolean): Promise<void>;
}

/** @throws the system's error when the socket cannot be made */
export async function serveFollowers(input: LeaderServerInput): Promise<LeaderServer> {
  const { path, token } = input;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => sockets.delete(socket));
    serveAsker(socket, input);
  });
  server.maxConnections = MAX_ASKERS;
  // The file of a holder that died is replaced at once; and a server removes, when it closes, the name that it listened
  // at, which may by then be a later holder's.
  const first = `${path}.${randomBytes(4).toString("hex")}`;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    // Exclusive: a worker's socket is its own, not its primary's.
    server.listen({ path: first, exclusive: true }, resolve);
  });
  try {
    await chmod(first, 0o600);
    await rename(first, path);
  } catch (error) {
    server.close();
    throw error;
  }
  const alive = setInterval(() => {
    for (const socket of sockets) say(socket, { token, is: "alive" });
  }, ALIVE_MS).unref();
  return {
    async close(mine) {
      clearInterval(alive);
      if (mine) await rm(path, { force: true }).catch(() => {});
      const closed = new Promise((resolve) => server.close(resolve));
      // What was said last is still delivered, to those who read it.
      for (const socket of sockets) socket.destroySoon();
      const cut = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, GOODBYE_MS);
      await closed;
      clearTimeout(cut);
    },
  };
}

interface Wanted {
  readonly leaving: AbortController;
  lease?: Lease;
}

function serveAsker(socket: Socket, { memory, token, nowMs }: LeaderServerInput): void {
  const wanted = new Map<number, Wanted>();

  const acquire = async (message: Extract<FromAsker, { ask: "acquire" }>): Promise<void> => {
    const { id, need, leftMs, priority } = message;
    const one: Wanted = { leaving: new AbortController() };
    wanted.set(id, one);
    try {
      const answer = await memory.acquire({
        need,
        signal: one.leaving.signal,
        ...present({ deadlineMs: leftMs === undefined ? undefined : nowMs() + leftMs }),
        ...present({ priority }),
      });
      if (!answer.granted) wanted.delete(id);
      // It left while this was granted: no job ran.
      else if (wanted.get(id) !== one) return answer.release("done");
      else one.lease = answer;
      say(socket, { token, is: "answer", id, value: answer });
    } catch (error) {
      wanted.delete(id);
      if (!one.leaving.signal.aborted) say(socket, { token, is: "failed", id, why: String(error) });
    }
  };
  const give = (id: number, outcome: "done" | "failed" | "unreachable"): void => {
    const one = wanted.get(id);
    wanted.delete(id);
    if (one?.lease === undefined) one?.leaving.abort();
    else one.lease.release(outcome);
  };
  const answer = (id: number, value: Promise<unknown>): void => {
    value.then(
      (known) => say(socket, { token, is: "answer", id, value: known }),
      (error: unknown) => say(socket, { token, is: "failed", id, why: String(error) }),
    );
  };

  hear(socket, (line) => {
    const message = readFromAsker(line);
    if (message === undefined) return void socket.destroy();
    if (message.token !== token) return;
    switch (message.ask) {
      case "acquire":
        if (wanted.has(message.id)) socket.destroy();
        else void acquire(message);
        break;
      case "abort":
        give(message.id, "done");
        break;
      case "release":
        give(message.id, message.outcome);
        break;
      case "snapshot":
        answer(message.id, memory.snapshot());
        break;
      default:
        answer(message.id, memory.command(message.ask, message.key));
    }
  });
  // Its jobs end with it; nothing says that the backend is at fault.
  socket.once("close", () => {
    for (const id of [...wanted.keys()]) give(id, "failed");
  });
  say(socket, { token, is: "hello", format: FORMAT });
}
