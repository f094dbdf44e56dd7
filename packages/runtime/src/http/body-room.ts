/** Room in the memory budget for a JSON body, before it is read. */
import type { IncomingMessage } from "node:http";
import { type MemoryBudget, MemoryHold } from "./memory-budget.ts";

/** A smaller body is not counted. */
const UNCOUNTED_BYTES = 16 * 1024;
/** The body, its text and its parsed form. */
const COPIES = 3;

export interface BodyRoom {
  readonly hold: MemoryHold;
  /** Resolves once there is room; undefined: there is. Until then the body must not be read. */
  readonly wait: Promise<void> | undefined;
}

/**
 * Takes room for a body: for all of a stated length, else for each piece as it comes, and no more is read while there is
 * none.
 * @param onNone called once where no room comes in time for a piece
 * @returns undefined for a body that is known to be small
 */
export function bodyRoom(
  request: IncomingMessage,
  budget: MemoryBudget,
  onNone: (error: Error) => void,
): BodyRoom | undefined {
  const length = request.headers["content-length"];
  if (length !== undefined && Number(length) <= UNCOUNTED_BYTES) return undefined;
  if (length === undefined && request.headers["transfer-encoding"] === undefined) return undefined;
  const hold = new MemoryHold(budget);
  // A request that is over before it is answered; after that its answer releases it.
  request.once("close", () => {
    if (!request.complete) hold.release();
  });
  if (length !== undefined) {
    const bytes = Number(length) * COPIES;
    return { hold, wait: hold.take(bytes) ? undefined : hold.wait(bytes) };
  }
  let refused = false;
  request.on("data", (chunk: Buffer) => {
    if (hold.take(chunk.length * COPIES)) return;
    request.pause();
    hold.wait(chunk.length * COPIES).then(
      () => request.resume(),
      (error: Error) => {
        if (refused) return;
        refused = true;
        hold.release();
        onNone(error);
      },
    );
  });
  return { hold, wait: undefined };
}
