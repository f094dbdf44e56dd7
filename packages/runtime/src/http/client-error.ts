import { type JsonObject, present } from "@headgate/contract";

/** An error in terms of the client's request. Each surface writes it in its own envelope. */
export interface ClientErrorFields {
  readonly status: number;
  /** One of OpenAI's error types, such as `invalid_request_error`. */
  readonly type: string;
  readonly message: string;
  /** The path of the offending field, such as `messages[1].content`. */
  readonly param?: string;
  readonly code?: string;
  /** The delay before a retry, in ms from now. */
  readonly retryAfterMs?: number;
  /** The window of the model that the message is about, in tokens. */
  readonly contextTokens?: number;
  /** Why a content filter blocked the prompt, by its provider's name for it. */
  readonly reason?: string;
  /** What a client's program reads of the error, where its surface has such a field. */
  readonly details?: JsonObject;
}

export class ClientError extends Error {
  readonly status: number;
  readonly type: string;
  readonly param: string | undefined;
  readonly code: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly contextTokens: number | undefined;
  readonly reason: string | undefined;
  readonly details: JsonObject | undefined;
  /** How many attempts the gateway made for the request before it gave up. */
  attempts = 0;

  constructor(fields: ClientErrorFields) {
    super(fields.message);
    this.name = "ClientError";
    this.status = fields.status;
    this.type = fields.type;
    this.param = fields.param;
    this.code = fields.code;
    this.retryAfterMs = fields.retryAfterMs;
    this.contextTokens = fields.contextTokens;
    this.reason = fields.reason;
    this.details = fields.details;
  }
}

/** A body that the client must change. */
export const badRequest = (message: string, param?: string, code?: string): ClientError =>
  new ClientError({
    status: 400,
    type: "invalid_request_error",
    message,
    ...present({ param, code }),
  });

/** A body larger than `HEADGATE_MAX_BODY_BYTES`, by its declared length or by what was received. */
export const bodyTooLarge = (): ClientError =>
  new ClientError({
    status: 413,
    type: "invalid_request_error",
    code: "request_too_large",
    message: "The request body is larger than HEADGATE_MAX_BODY_BYTES allows.",
  });

/** A client's value, short enough to quote in a message. */
export const quoted = (value: unknown): string => (JSON.stringify(value) ?? "nothing").slice(0, 60);
