/** The leader's side: followers (other processes of this state directory) call it over a Unix domain socket. */
import { randomBytes } from "node:crypto";
import { chmod, rename, rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { present } from "@headgate/contract";
import type { Lease } from "@headgate/resources";
import type { LocalMemory } from "./local-memory.ts";
import { FORMAT, type FromFollower, onMessages, readFromFollower, send } from "./messages.ts";

/** Less than a third of a follower's silence timeout. */
const ALIVE_MS = 2_000;
const MAX_FOLLOWERS = 256;
/** How long the last messages may take. */
const GOODBYE_MS = 500;

export interface LeaderServerInput {
  readonly path: string;
  readonly memory: LocalMemory;
  readonly token: number;
  readonly nowMs: () => number;
}

export interface LeaderServer {
  /** Closes the connections of all followers. @param mine whether this process still owns the socket's file, and removes it */
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
    serveFollower(socket, input);
  });
  server.maxConnections = MAX_FOLLOWERS;
  // Renaming replaces the file of a leader that was killed. A server that closes removes the name it listened at, which
  // must not be the path: that may be a later leader's by then.
  const first = `${path}.${randomBytes(4).toString("hex")}`;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    // Exclusive: a cluster worker listens itself, not through its primary.
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
    for (const socket of sockets) send(socket, { token, is: "alive" });
  }, ALIVE_MS).unref();
  return {
    async close(mine) {
      clearInterval(alive);
      if (mine) await rm(path, { force: true }).catch(() => {});
      const closed = new Promise((resolve) => server.close(resolve));
      // The last messages are still delivered to followers that read.
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

function serveFollower(socket: Socket, { memory, token, nowMs }: LeaderServerInput): void {
  const wanted = new Map<number, Wanted>();

  const acquire = async (message: Extract<FromFollower, { ask: "acquire" }>): Promise<void> => {
    const { id, need, leftMs, startLeftMs, priority } = message;
    const at = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : nowMs() + ms);
    const one: Wanted = { leaving: new AbortController() };
    wanted.set(id, one);
    try {
      const answer = await memory.acquire({
        need,
        signal: one.leaving.signal,
        ...present({ deadlineMs: at(leftMs), startByMs: at(startLeftMs), priority }),
      });
      if (!answer.granted) wanted.delete(id);
      // The follower left while the lease was granted: no job ran.
      else if (wanted.get(id) !== one) return answer.release("done");
      else one.lease = answer;
      send(socket, { token, is: "answer", id, value: answer });
    } catch (error) {
      wanted.delete(id);
      if (!one.leaving.signal.aborted) send(socket, { token, is: "failed", id, why: String(error) });
    }
  };
  const release = (id: number, outcome: "done" | "failed" | "unreachable"): void => {
    const one = wanted.get(id);
    wanted.delete(id);
    if (one?.lease === undefined) one?.leaving.abort();
    else one.lease.release(outcome);
  };
  const answer = (id: number, value: Promise<unknown>): void => {
    value.then(
      (known) => send(socket, { token, is: "answer", id, value: known }),
      (error: unknown) => send(socket, { token, is: "failed", id, why: String(error) }),
    );
  };

  onMessages(socket, (line) => {
    const message = readFromFollower(line);
    if (message === undefined) return void socket.destroy();
    if (message.token !== token) return;
    switch (message.ask) {
      case "acquire":
        if (wanted.has(message.id)) socket.destroy();
        else void acquire(message);
        break;
      case "abort":
        release(message.id, "done");
        break;
      case "release":
        release(message.id, message.outcome);
        break;
      case "snapshot":
        answer(message.id, memory.snapshot());
        break;
      default:
        answer(message.id, memory.command(message.ask, message.key));
    }
  });
  // The follower's jobs end with its connection. The backend need not be at fault.
  socket.once("close", () => {
    for (const id of [...wanted.keys()]) release(id, "failed");
  });
  send(socket, { token, is: "hello", format: FORMAT });
}
