/** Batches: files of requests that run when limits leave room. The store keeps them; the runtime runs them. */

/** A file that a client uploaded. */
export interface BatchFile {
  readonly id: string;
  /** The id of the client; `master` for the operator. */
  readonly owner: string;
  readonly name: string;
  readonly bytes: number;
  readonly createdMs: number;
  readonly expiresMs: number;
}

export type BatchKind = "openai" | "anthropic";

/**
 * - preparing: its lines are being read; another process begins anew when the lease of the first ends.
 * - running: lines wait or are on their way.
 * - cancelling: no new line starts.
 * - The others are final.
 */
export type BatchState =
  | "preparing"
  | "running"
  | "cancelling"
  | "completed"
  | "failed"
  | "expired"
  | "cancelled";

export interface BatchProblem {
  readonly code: string;
  readonly message: string;
  readonly line?: number;
  readonly param?: string;
}

/** What a batch was made with. */
export interface BatchPlan {
  /** Where each line goes. */
  readonly endpoint: string;
  /** Of OpenAI's batches. */
  readonly file?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** As the client stated it. */
  readonly window: string;
  /** What a line that cannot be run does: to the whole batch, or to itself alone. */
  readonly invalid: "fail" | "skip";
  /** The most that all lines together may cost, in nano-dollars; absent: only models that cost nothing. */
  readonly spendNanoUsd?: number;
  /** When it should be done, ms since the epoch: what costs is used only where it would not be done otherwise. */
  readonly byMs?: number;
  /** Headers that every line is sent with. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Batch {
  readonly id: string;
  readonly kind: BatchKind;
  readonly owner: string;
  readonly state: BatchState;
  readonly plan: BatchPlan;
  readonly createdMs: number;
  /** Lines that have not run by then end without an answer. */
  readonly expiresMs: number;
  readonly startedMs?: number;
  readonly cancelMs?: number;
  readonly endedMs?: number;
  readonly problems?: readonly BatchProblem[];
}

export interface BatchCounts {
  readonly total: number;
  /** Answered with a 200. */
  readonly succeeded: number;
  readonly failed: number;
  /** Of those that failed: they did not run before the batch ended. */
  readonly unrun: number;
  /** Neither: waiting, or on their way. */
  readonly open: number;
  /** Of those that ended: bytes of their answers. */
  readonly succeededBytes: number;
  readonly failedBytes: number;
  readonly costNanoUsd: number;
}

/** Of a batch without lines. */
export const NO_COUNTS: BatchCounts = {
  total: 0,
  succeeded: 0,
  failed: 0,
  unrun: 0,
  open: 0,
  succeededBytes: 0,
  failedBytes: 0,
  costNanoUsd: 0,
};

export interface NewLine {
  readonly customId: string;
  readonly body: string;
  /** Of a line that cannot be run. */
  readonly problem?: BatchProblem;
}

/** A line that this process runs until its lease ends. */
export interface LeasedLine {
  readonly batch: string;
  /** Its place in the batch, from 0. */
  readonly at: number;
  readonly customId: string;
  readonly body: string;
  /** How often it was begun, this time included. */
  readonly tries: number;
}

export interface LineEnd {
  readonly ok: boolean;
  /** JSON text that the surface of the batch writes out. */
  readonly result: string;
  readonly costNanoUsd: number;
}

export interface EndedLine {
  readonly at: number;
  readonly customId: string;
  readonly ok: boolean;
  /** Absent: the line did not run before the batch ended. */
  readonly result?: string;
}

export interface BatchPage {
  readonly owner: string | undefined;
  readonly kind: BatchKind;
  readonly limit: number;
  /** The id that the page begins after, or ends before. */
  readonly after?: string;
  readonly before?: string;
}

/** Every function rejects where the database does not answer. Times are ms since the epoch. */
export interface BatchStore {
  /** @throws {BatchRefusal} where the file, or all together, would be too large */
  writeFile(file: Omit<BatchFile, "bytes">, bytes: AsyncIterable<Buffer>): Promise<BatchFile>;
  file(id: string): Promise<BatchFile | undefined>;
  files(owner: string | undefined, limit: number, after?: string): Promise<readonly BatchFile[]>;
  readFile(id: string): AsyncGenerator<Buffer>;
  deleteFile(id: string): Promise<boolean>;

  /** Begins in the state `preparing`, leased to this process. */
  create(batch: Omit<Batch, "state">): Promise<void>;
  /** A batch whose preparation was left; it is leased to this process, without its lines. */
  adopt(nowMs: number): Promise<Batch | undefined>;
  /** While it is being prepared. Renews the lease. */
  addLines(batch: string, from: number, lines: readonly NewLine[], nowMs: number): Promise<void>;
  /** From `preparing` to `running` or `failed`. */
  prepared(batch: string, nowMs: number, problems?: readonly BatchProblem[]): Promise<void>;
  batch(id: string): Promise<Batch | undefined>;
  batches(page: BatchPage): Promise<{ readonly batches: readonly Batch[]; readonly more: boolean }>;
  counts(id: string): Promise<BatchCounts>;
  cancel(id: string, nowMs: number): Promise<void>;
  /** With its lines. */
  delete(id: string): Promise<void>;

  /** Batches with lines that may run. */
  running(nowMs: number): Promise<readonly Batch[]>;
  /** Takes lines of a batch that wait, or whose lease ended; the first ones first. */
  claim(batch: string, most: number, nowMs: number, leaseMs: number): Promise<readonly LeasedLine[]>;
  renew(lines: readonly LeasedLine[], nowMs: number, leaseMs: number): Promise<void>;
  /** False where the line has ended already, or is another process's by now. */
  finish(line: LeasedLine, end: LineEnd): Promise<boolean>;
  /** The line waits again, until then at least. */
  release(line: LeasedLine, notBeforeMs: number): Promise<void>;
  /** Ends batches that are done, cancelled or expired. True where one ended. */
  settle(nowMs: number): Promise<boolean>;
  /** In the order of the lines. @param ok which of them; absent: all */
  ended(batch: string, ok?: boolean): AsyncGenerator<EndedLine>;
  /** Deletes what is older. */
  sweep(nowMs: number): Promise<void>;
  close(): Promise<void>;
}

/** What the store does not take; the message says why and what to do. */
export class BatchRefusal extends Error {
  readonly code: "file_too_large" | "storage_full";
  constructor(code: BatchRefusal["code"], message: string) {
    super(message);
    this.code = code;
  }
}
