/**
 * What a surface is: routes, an envelope for errors, and requests decoded for the exchange. A surface is one folder under
 * surfaces/. Adding one changes that folder and the list in surfaces/index.ts.
 */
import type { IncomingHttpHeaders } from "node:http";
import type { NativeBody } from "@headgate/adapter-kit";
import type { KeptStore, Options } from "@headgate/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Batches } from "../batches/batches.ts";
import type { LineRun } from "../batches/pace.ts";
import type { ActiveClient } from "../clients/active-client.ts";
import type { AnyRequest } from "../codec/any-request.ts";
import type { Sealer } from "../codec/sealer.ts";
import type { ClientError } from "../http/client-error.ts";
import type { ClientSink } from "../http/client-sink.ts";
import type { ReadForm } from "../http/forms/read-form.ts";
import type { MemoryHold } from "../http/memory-budget.ts";
import type { Leases } from "../local/leases.ts";
import type { LiveTable } from "../upstream/live-table.ts";
import type { ModelList } from "./openai/models.ts";

/** What an answer needs of its HTTP request. */
export interface Incoming {
  readonly id: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Absent: the operator's own key. */
  readonly client?: ActiveClient | undefined;
  /** Of a batch's line: how it runs. */
  readonly line?: LineRun | undefined;
  /** What its body holds of the memory budget; absent: the body is small. */
  readonly memory?: MemoryHold | undefined;
}

/** How a surface writes an error for its clients. */
export interface Envelope {
  /** The surface's name, for usage records and metrics. */
  readonly surface: string;
  /** A whole answer's body, JSON text. */
  body(error: ClientError, requestId: string): string;
  /** The header, beside `x-request-id`, in which this surface's clients look for a request's id; on every answer. */
  readonly idHeader?: string;
  /** Headers that go with it, content-type included. */
  headers(error: ClientError, requestId: string): Record<string, string>;
}

/** What the surfaces read of the served table. */
export interface Served {
  readonly live: LiveTable;
  readonly models: ModelList;
}

/** A request that the surface answers itself, without an exchange. What it throws is answered in the envelope. */
export interface DirectRequest {
  direct(sink: ClientSink): Promise<void>;
}

/** What a surface's routes may use of the gateway. */
export interface SurfaceHost {
  readonly options: Options;
  /** The gateway's clock. */
  readonly nowMs: () => number;
  /** Seals data that clients keep for the gateway. */
  readonly sealer: Sealer;
  /** Where records are kept that survive the process, and whether other processes write there too. */
  readonly kept: { readonly kept: KeptStore | undefined; readonly shared: boolean };
  /** Local models: what is loaded, and loads and unloads. */
  readonly leases: Pick<Leases, "acquire" | "command" | "grew" | "grownTokens" | "needs" | "state">;
  /** A server of one's own has other models now: what it has is looked up again, and the table follows. */
  modelsChanged(): void;
  /** Undefined: HEADGATE_BATCHES is off, or there is no database. */
  readonly batches: Batches | undefined;
  /** Reads a form beside the exchange; its files are the caller's to discard. @throws {ClientError} */
  form(request: FastifyRequest, maxBytes: number): Promise<ReadForm>;
  /** What is served at this moment; to a client, what it may use. */
  serving(client?: ActiveClient): Served;
  /** A POST handler: decodes the JSON body, finds the route, and runs the exchange. */
  answer(
    envelope: Envelope,
    decode: (
      body: NativeBody,
      request: FastifyRequest,
    ) => AnyRequest | DirectRequest | Promise<AnyRequest | DirectRequest>,
  ): (request: FastifyRequest, reply: FastifyReply) => Promise<void>;
  /**
   * The same for a busy route: requests to its exact path take the fast path. Register `answer` for it too, which
   * serves the path with a query.
   */
  fastPath(
    path: string,
    envelope: Envelope,
    decode: (body: NativeBody, incoming: Incoming) => AnyRequest | Promise<AnyRequest>,
  ): void;
  /** The same for a multipart form; its files are deleted when the exchange is over. */
  answerForm(
    envelope: Envelope,
    decode: (form: ReadForm, request: FastifyRequest) => AnyRequest,
  ): (request: FastifyRequest, reply: FastifyReply) => Promise<void>;
}

export type Surface = (app: FastifyInstance, host: SurfaceHost) => void;
