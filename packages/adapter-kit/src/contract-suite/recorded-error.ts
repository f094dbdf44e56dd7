import type { UpstreamError } from "@headgate/contract";

export interface RecordedError {
  readonly name: string;
  readonly bytes: Buffer;
  /** What the error must hold, as far as it matters. */
  readonly error: Partial<UpstreamError>;
}
