/** What the gateway does to an answer's events where the provider cannot do it, or does it wrong. */
import { type ChatCodec, isObject, parseExact } from "@headgate/adapter-kit";
import type { ChatEvent, ChatRequest, JsonObject, JsonValue, Tool } from "@headgate/contract";

interface Filter {
  push(events: readonly ChatEvent[]): readonly ChatEvent[];
}

/** Reads the answers to one request. */
export type Decoders = Pick<ChatCodec, "decodeBody" | "decodeStream">;

/** Decoders whose events go through filters, which are made anew for each answer. */
export function filtered(decoders: Decoders, filters: readonly (() => Filter)[]): Decoders {
  if (filters.length === 0) return decoders;
  const through = (made: readonly Filter[], events: readonly ChatEvent[]): readonly ChatEvent[] =>
    made.reduce((passed, filter) => filter.push(passed), events);
  return {
    decodeBody: (bytes) =>
      through(
        filters.map((make) => make()),
        decoders.decodeBody(bytes),
      ),
    decodeStream() {
      const decoder = decoders.decodeStream();
      const made = filters.map((make) => make());
      return {
        push: (chunk) => through(made, decoder.push(chunk)),
        end: () => through(made, decoder.end()),
      };
    },
  };
}

/** Ends the text at the first stop sequence, for a model that takes none. */
export class StopCutter implements Filter {
  readonly #stops: readonly string[];
  #held = "";
  #met = false;

  constructor(stops: readonly string[]) {
    this.#stops = stops.filter((stop) => stop !== "");
  }

  push(events: readonly ChatEvent[]): readonly ChatEvent[] {
    return events.flatMap((event): readonly ChatEvent[] => {
      switch (event.type) {
        case "text":
          return this.#text(event);
        case "finish":
          return this.#met ? [{ type: "finish", reason: "stop" }] : [...this.#flush(), event];
        case "start":
        case "usage":
          return [event];
        case "end":
        case "error":
          return [...this.#flush(), event];
        default:
          return this.#met ? [] : [...this.#flush(), event];
      }
    });
  }

  #text({ text, sealed }: Extract<ChatEvent, { type: "text" }>): readonly ChatEvent[] {
    if (this.#met) return [];
    this.#held += text;
    const met = this.#first();
    if (met !== undefined) {
      const before = this.#held.slice(0, met);
      this.#met = true;
      this.#held = "";
      return before === "" ? [] : [{ type: "text", text: before }];
    }
    const kept = sealed === undefined ? this.#begun() : 0;
    const passed = this.#held.slice(0, this.#held.length - kept);
    this.#held = this.#held.slice(passed.length);
    if (passed === "" && sealed === undefined) return [];
    return [{ type: "text", text: passed, ...(sealed === undefined ? {} : { sealed }) }];
  }

  /** Where the sequence begins that is complete first, as a model would meet it. */
  #first(): number | undefined {
    const found = this.#stops
      .map((stop) => ({ at: this.#held.indexOf(stop), length: stop.length }))
      .filter(({ at }) => at >= 0)
      .toSorted((a, b) => a.at + a.length - (b.at + b.length) || a.at - b.at);
    return found[0]?.at;
  }

  /** How much of the end may be the beginning of a stop sequence. */
  #begun(): number {
    const longest = Math.max(0, ...this.#stops.map((stop) => stop.length - 1));
    for (let length = Math.min(longest, this.#held.length); length > 0; length -= 1) {
      const end = this.#held.slice(-length);
      if (this.#stops.some((stop) => stop.startsWith(end))) return length;
    }
    return 0;
  }

  #flush(): readonly ChatEvent[] {
    const text = this.#held;
    this.#held = "";
    return text === "" ? [] : [{ type: "text", text }];
  }
}

type CallEvent = Extract<ChatEvent, { type: "tool-call" }>;

/** Reads arguments that came as JSON text where the tool's schema wants a list or an object. Calls come whole. */
export class NestedArguments implements Filter {
  readonly #schemas: ReadonlyMap<string, JsonObject>;
  readonly #calls = new Map<number, { name: string; text: string }>();

  constructor(schemas: ReadonlyMap<string, JsonObject>) {
    this.#schemas = schemas;
  }

  push(events: readonly ChatEvent[]): readonly ChatEvent[] {
    return events.flatMap((event): readonly ChatEvent[] => {
      if (event.type === "tool-call") return this.#take(event);
      const ends = event.type === "finish" || event.type === "end" || event.type === "error";
      return ends ? [...this.#flush(), event] : [event];
    });
  }

  #take(event: CallEvent): readonly ChatEvent[] {
    const known = this.#calls.get(event.index);
    if (known === undefined && !this.#schemas.has(event.name ?? "")) return [event];
    // A call is whole where the next one begins.
    const before = known === undefined ? this.#flush() : [];
    const call = known ?? { name: event.name ?? "", text: "" };
    this.#calls.set(event.index, call);
    const { arguments: piece = "", ...opening } = event;
    call.text += piece;
    return known === undefined ? [...before, opening] : [];
  }

  #flush(): readonly ChatEvent[] {
    const whole = [...this.#calls].map(([index, { name, text }]): ChatEvent => {
      const schema = this.#schemas.get(name) ?? {};
      return { type: "tool-call", index, arguments: unnested(text, schema) };
    });
    this.#calls.clear();
    return whole;
  }
}

/** The same text where nothing was nested. */
function unnested(text: string, schema: JsonObject): string {
  const value = parseExact(text);
  if (!isObject(value)) return text;
  const read = unwrapped(value, schema);
  return read === value ? text : JSON.stringify(read);
}

function unwrapped(value: JsonValue, schema: JsonObject): JsonValue {
  if (typeof value === "string" && isContainer(schema)) {
    const inner = parseExact(value);
    const fits = schema.type === "array" ? Array.isArray(inner) : isObject(inner);
    return fits && inner !== undefined ? unwrapped(inner, schema) : value;
  }
  if (Array.isArray(value)) {
    const { items } = schema;
    if (!isObject(items)) return value;
    const list = value as readonly JsonValue[];
    const read = list.map((item) => unwrapped(item, items));
    return read.every((item, at) => item === list[at]) ? value : read;
  }
  const { properties } = schema;
  if (!isObject(value) || !isObject(properties)) return value;
  const changed: Record<string, JsonValue> = {};
  for (const [name, held] of Object.entries(value)) {
    const inner = properties[name];
    const read = isObject(inner) ? unwrapped(held, inner) : held;
    if (read !== held) changed[name] = read;
  }
  return Object.keys(changed).length === 0 ? value : { ...value, ...changed };
}

const isContainer = ({ type }: JsonObject): boolean => type === "array" || type === "object";

/** Tools with a list or an object among their arguments. */
export function nestingTools({ tools = [] }: Pick<ChatRequest, "tools">): ReadonlyMap<string, JsonObject> {
  const nests = ({ parameters }: Tool): boolean =>
    isObject(parameters?.properties) &&
    Object.values(parameters.properties).some((property) => isObject(property) && isContainer(property));
  return new Map(tools.filter(nests).map(({ name, parameters = {} }) => [name, parameters]));
}
