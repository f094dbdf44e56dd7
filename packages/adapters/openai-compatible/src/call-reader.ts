/** Tool calls from the pieces that servers of this wire make of them: with and without indexes, ids, names and types. */
import { asCount, asObject, asText, isObject, JsonProgress } from "@headgate/adapter-kit";
import { type ChatEvent, type JsonObject, present } from "@headgate/contract";

type CallEvent = Extract<ChatEvent, { type: "tool-call" }>;

interface Call {
  readonly index: number;
  id: string | undefined;
  /** Undefined until a piece has it; the call's arguments wait for it. */
  name: string | undefined;
  readonly progress: JsonProgress;
  waiting: string;
  /** A name came after whole arguments, and nothing with it yet. */
  next: { readonly id: string | undefined; readonly name: string } | undefined;
}

export class CallReader {
  /** By the upstream's index, the call that its pieces belong to. */
  readonly #calls = new Map<number, Call>();
  #count = 0;
  #last: Call | undefined;
  /** The answer's id: it makes the ids of calls without one unique over turns. */
  stem: string | undefined;

  get any(): boolean {
    return this.#count > 0;
  }

  /** True while the last call's arguments are not whole. */
  get open(): boolean {
    return this.#last !== undefined && !this.#last.progress.complete;
  }

  /** @param position in the list of calls, where a piece has no index */
  read(piece: JsonObject, position: number): CallEvent[] {
    const id = asText(piece.id);
    const called = asObject(piece.function);
    const name = asText(called?.name);
    const args = argumentsOf(called?.arguments);
    const key = asCount(piece.index) ?? position;
    const known = this.#calls.get(key);
    if (known === undefined) return this.#begin(key, id, name, args);
    // Some servers number every call 0: another id with a name is another call, and so is a name after whole arguments.
    if (id !== undefined && known.id !== undefined && known.id !== id && name !== undefined)
      return this.#begin(key, id, name, args);
    if (known.name !== undefined && known.progress.complete) {
      const next = name === undefined ? known.next : { id, name };
      if (next !== undefined && args !== "") return this.#begin(key, next.id ?? id, next.name, args);
      known.next = next;
      if (args === "") return [];
    }
    return this.#continue(known, id, name, args);
  }

  /** Calls that never got a name: what is known of them. */
  flush(): CallEvent[] {
    return [...this.#calls.values()].flatMap((call) => {
      if (call.name !== undefined) return [];
      call.name = "";
      return [this.#event(call, call.waiting)];
    });
  }

  #begin(key: number, id: string | undefined, name: string | undefined, args: string): CallEvent[] {
    const call: Call = {
      index: this.#count++,
      id,
      name,
      progress: new JsonProgress(),
      waiting: "",
      next: undefined,
    };
    this.#calls.set(key, call);
    this.#last = call;
    call.progress.push(args);
    if (name !== undefined) return [this.#event(call, args)];
    call.waiting = args;
    return [];
  }

  #continue(call: Call, id: string | undefined, name: string | undefined, args: string): CallEvent[] {
    call.progress.push(args);
    call.id ??= id;
    if (call.name !== undefined)
      return args === "" ? [] : [{ type: "tool-call", index: call.index, arguments: args }];
    call.waiting += args;
    if (name === undefined) return [];
    call.name = name;
    return [this.#event(call, call.waiting)];
  }

  #event({ index, id, name }: Call, args: string): CallEvent {
    const made = this.stem === undefined ? `call_${index}` : `call_${this.stem}_${index}`;
    return {
      type: "tool-call",
      index,
      id: id ?? made,
      ...present({ name: name === "" ? undefined : name, arguments: args === "" ? undefined : args }),
    };
  }
}

/** Text; some servers give the object itself. */
function argumentsOf(value: unknown): string {
  if (typeof value === "string") return value;
  return isObject(value) || Array.isArray(value) ? JSON.stringify(value) : "";
}
