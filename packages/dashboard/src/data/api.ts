/** Calls of the admin routes. A failure keeps what a person needs to act: cause, remedy, and the request's id. */

export class ApiError extends Error {
  readonly status: number;
  readonly code: string | undefined;
  readonly requestId: string | undefined;
  /** The parsed answer, where it has more to say than its message. */
  readonly body: unknown;

  constructor(
    message: string,
    fields: { status: number; code?: string; requestId?: string; body?: unknown },
  ) {
    super(message);
    this.name = "ApiError";
    this.status = fields.status;
    this.code = fields.code;
    this.requestId = fields.requestId;
    this.body = fields.body;
  }
}

type Listener = () => void;
const signedOut = new Set<Listener>();

/** Calls back when an answer says that the session has ended. */
export function onSignedOut(listener: Listener): () => void {
  signedOut.add(listener);
  return () => signedOut.delete(listener);
}

export async function call<T>(method: string, path: string, body?: object, signal?: AbortSignal): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      credentials: "same-origin",
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new ApiError("The gateway does not answer.", { status: 0, code: "unreachable" });
  }
  if (response.status === 204) return undefined as T;
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) return answer as T;
  if (response.status === 401 && path !== "/admin/session") for (const listener of signedOut) listener();
  throw errorOf(response, answer);
}

export function errorOf(response: Response, answer: unknown): ApiError {
  const { error } = (answer ?? {}) as { error?: { message?: unknown; code?: unknown } };
  const requestId = response.headers.get("x-request-id");
  return new ApiError(
    typeof error?.message === "string" ? error.message : `The gateway answered ${response.status}.`,
    {
      status: response.status,
      body: answer,
      ...(typeof error?.code === "string" ? { code: error.code } : {}),
      ...(requestId === null ? {} : { requestId }),
    },
  );
}

export const get = <T>(path: string, signal?: AbortSignal): Promise<T> =>
  call<T>("GET", path, undefined, signal);
export const post = <T>(path: string, body: object = {}): Promise<T> => call<T>("POST", path, body);
