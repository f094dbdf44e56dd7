/**
 * One call that several equal requests wait for. It is the client's end for the exchange, and hands what it gets to every
 * client whose request has the same form; it is gone only once all of them are.
 */
import type { ClientEnd, Place } from "../http/client-sink.ts";

/** A longer stream takes no more clients: what came before would have to be kept for them. */
const MAX_KEPT_BYTES = 4 * 1024 * 1024;

interface Member {
  readonly sink: ClientEnd;
  /** How many chunks it has. */
  at: number;
  blocked: boolean;
  over: boolean;
  readonly done: (sent: boolean) => void;
}

type Head =
  | { readonly kind: "stream"; readonly headers: Record<string, string> }
  | {
      readonly kind: "whole";
      readonly status: number;
      readonly headers: Record<string, string>;
      readonly body: Buffer | string;
    };

/** How the call ended for those that only wait. */
export type FlightEnd<T> =
  | { readonly kind: "answered"; readonly value: T | undefined }
  /** Those of the same form have what there is. */
  | { readonly kind: "broken" }
  /** The same for every equal request. */
  | { readonly kind: "failed"; readonly error: unknown }
  /** Nothing is known: the next one makes the call itself. */
  | { readonly kind: "again" };

export class Flight<T> implements ClientEnd {
  /** Equal requests with the same form get the same bytes. */
  readonly form: string;
  readonly #leader: ClientEnd;
  readonly #members: Member[] = [];
  readonly #headers = new Map<string, string>();
  /** Made with the first that waits: most calls have one client. */
  #waiters: PromiseWithResolvers<FlightEnd<T>> | undefined;
  #end: FlightEnd<T> | undefined;
  #head: Head | undefined;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #last: Buffer | undefined;
  #closed = false;
  #waiting = 0;
  #resume: (() => void) | undefined;
  #onGone: (() => void) | undefined;
  #left = false;

  constructor(form: string, leader: ClientEnd) {
    this.form = form;
    this.#leader = leader;
    this.#members.push({ sink: leader, at: 0, blocked: false, over: false, done: () => {} });
    leader.onGone = () => this.#leaves();
  }

  /** How it ends; for a request of another form, which gets the answer once it is whole. */
  async whole(sink: ClientEnd): Promise<FlightEnd<T>> {
    this.#waiting += 1;
    const left = Promise.withResolvers<FlightEnd<T>>();
    sink.onGone = () => {
      this.#waiting -= 1;
      this.#leaves();
      left.resolve({ kind: "again" });
    };
    const end = await Promise.race([this.#ended, left.promise]);
    sink.onGone = undefined;
    return end;
  }

  /** True while a client of the same form may still get all of it. */
  get open(): boolean {
    return !this.#closed && !this.#left && this.#bytes <= MAX_KEPT_BYTES;
  }

  /** True once every client is gone: its end serves no client. */
  get abandoned(): boolean {
    return this.#left;
  }

  /** One more client of the same form. Resolves once it has everything, or is gone, or the call failed. */
  async join(sink: ClientEnd): Promise<FlightEnd<T>> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const member: Member = { sink, at: 0, blocked: false, over: false, done: resolve };
    this.#members.push(member);
    sink.onGone = () => {
      resolve(false);
      this.#leaves();
    };
    for (const [name, value] of this.#headers) sink.header(name, value);
    if (this.#head !== undefined) this.#start(member, this.#head);
    const end = await Promise.race([
      this.#ended.then(async (ended): Promise<FlightEnd<T>> => {
        if (ended.kind === "answered") await promise;
        return ended;
      }),
      promise.then((): FlightEnd<T> | undefined => undefined),
    ]);
    // It is gone, or it has all before the end is told.
    return end ?? (sink.gone ? { kind: "again" } : this.#ended);
  }

  /** Tells all that wait. */
  over(end: FlightEnd<T>): void {
    this.#closed = true;
    this.#end ??= end;
    this.#waiters?.resolve(this.#end);
  }

  /** How the call ends. */
  get #ended(): Promise<FlightEnd<T>> {
    this.#waiters ??= Promise.withResolvers();
    if (this.#end !== undefined) this.#waiters.resolve(this.#end);
    return this.#waiters.promise;
  }

  /** True once the client that began it is gone. */
  get leaderGone(): boolean {
    return this.#leader.gone;
  }

  get gone(): boolean {
    return this.#waiting === 0 && this.#members.every(({ sink }) => sink.gone);
  }

  get onGone(): (() => void) | undefined {
    return this.#onGone;
  }

  set onGone(callback: (() => void) | undefined) {
    this.#onGone = callback;
  }

  header(name: string, value: string): void {
    this.#headers.set(name, value);
    for (const { sink } of this.#members) sink.header(name, value);
  }

  removeHeader(name: string): void {
    this.#headers.delete(name);
    for (const { sink } of this.#members) sink.removeHeader(name);
  }

  announceTrailer(name: string): void {
    this.#leader.announceTrailer(name);
  }

  trailer(value: string): void {
    this.#leader.trailer(value);
  }

  send(status: number, headers: Record<string, string>, body: Buffer | string): void {
    this.#closed = true;
    this.#head = { kind: "whole", status, headers, body };
    for (const member of this.#members) this.#start(member, this.#head);
  }

  begin(headers: Record<string, string>): void {
    this.#head = { kind: "stream", headers };
    for (const member of this.#members) this.#start(member, this.#head);
  }

  write(bytes: Buffer): boolean {
    this.#bytes += bytes.length;
    this.#chunks.push(bytes);
    for (const member of this.#members) this.#pump(member);
    this.#trim();
    return this.#members.some(({ sink, blocked }) => !blocked && !sink.gone);
  }

  whenDrained(resume: () => void): void {
    this.#resume = resume;
  }

  end(bytes?: Buffer): void {
    this.#closed = true;
    this.#last = bytes ?? Buffer.alloc(0);
    for (const member of this.#members) this.#pump(member);
  }

  waits(place: Place | undefined): void {
    for (const { sink } of this.#members) sink.waits(place);
  }

  /** The call costs once. */
  charge(usd: string | undefined): void {
    this.#leader.charge(usd);
  }

  #start(member: Member, head: Head): void {
    if (member.over || member.sink.gone) return;
    if (head.kind === "whole") {
      member.over = true;
      member.sink.send(head.status, head.headers, head.body);
      member.done(true);
      return;
    }
    member.sink.begin(head.headers);
    this.#pump(member);
  }

  #pump(member: Member): void {
    if (member.over || member.sink.gone) return;
    while (!member.blocked) {
      const chunk = this.#chunks[member.at];
      if (chunk === undefined) break;
      member.at += 1;
      if (member.sink.write(chunk)) continue;
      member.blocked = true;
      member.sink.whenDrained(() => {
        member.blocked = false;
        this.#pump(member);
        if (!member.blocked) this.#wake();
      });
    }
    if (this.#last === undefined || member.at < this.#chunks.length || member.blocked) return;
    member.over = true;
    member.sink.end(this.#last);
    member.done(true);
  }

  /** What a new client could no longer get whole, and all have, is let go. */
  #trim(): void {
    if (this.#bytes <= MAX_KEPT_BYTES) return;
    const least = Math.min(...this.#members.filter(({ sink }) => !sink.gone).map(({ at }) => at));
    if (!Number.isFinite(least) || least < 64) return;
    this.#chunks = this.#chunks.slice(least);
    for (const member of this.#members) member.at -= least;
  }

  #wake(): void {
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.();
  }

  #leaves(): void {
    this.#wake();
    if (this.#left || !this.gone) return;
    this.#left = true;
    this.#onGone?.();
  }
}
