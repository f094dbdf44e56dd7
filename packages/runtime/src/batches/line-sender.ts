/** Sends a batch's lines through the gateway's own routes, as requests of the batch's owner. They carry a ticket in place of a key. */
import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { type Batch, clientState, type LeasedLine, MASTER } from "@headgate/contract";
import type { FastifyInstance } from "fastify";
import type { ActiveClient } from "../clients/active-client.ts";
import type { ClientDirectory } from "../clients/directory.ts";
import type { LineRun } from "./pace.ts";
import type { LineAnswer } from "./runner.ts";

const TICKET = "x-headgate-line";

/** Whose line a request is. */
export interface LineTicket {
  readonly client: ActiveClient | undefined;
  readonly line: LineRun;
}

export interface SenderInput {
  readonly app: () => Pick<FastifyInstance, "inject">;
  readonly directory: Pick<ClientDirectory, "byId">;
  readonly nowMs: () => number;
}

export class LineSender {
  readonly #input: SenderInput;
  readonly #tickets = new Map<string, LineTicket>();

  constructor(input: SenderInput) {
    this.#input = input;
  }

  /** The ticket that a request carries. */
  ticketOf(headers: IncomingHttpHeaders): LineTicket | undefined {
    const id = headers[TICKET];
    return typeof id === "string" ? this.#tickets.get(id) : undefined;
  }

  /** Undefined where the owner's key is not in force any more. */
  async send({ owner, plan }: Batch, { body }: LeasedLine, line: LineRun): Promise<LineAnswer | undefined> {
    const { app, nowMs } = this.#input;
    const client = owner === MASTER ? undefined : this.owner(owner);
    if (owner !== MASTER && (client === undefined || clientState(client.stored, nowMs()) !== "active"))
      return undefined;
    const id = randomUUID();
    this.#tickets.set(id, { client, line });
    try {
      const { statusCode, headers, payload } = await app().inject({
        method: "POST",
        url: plan.endpoint,
        headers: {
          "content-type": "application/json",
          "user-agent": "headgate-batch",
          ...plan.headers,
          [TICKET]: id,
        },
        payload: body,
      });
      const number = (name: string): number | undefined => {
        const value = Number(headers[name] ?? Number.NaN);
        return Number.isFinite(value) ? value : undefined;
      };
      const [retryAfterS, costUsd] = [number("retry-after"), number("x-headgate-cost-usd")];
      return {
        status: statusCode,
        requestId: String(headers["x-request-id"] ?? ""),
        body: payload,
        ...(retryAfterS === undefined ? {} : { retryAfterS }),
        ...(costUsd === undefined ? {} : { costUsd }),
      };
    } finally {
      this.#tickets.delete(id);
    }
  }

  owner(id: string): ActiveClient | undefined {
    return this.#input.directory.byId(id);
  }
}
