/** Whether a request's answer may come from the cache, and for how long it is kept: its headers, its client's rule and its name's. */
import type { IncomingHttpHeaders } from "node:http";
import { isObject } from "@headgate/adapter-kit";
import { type CacheRule, type JsonObject, MASTER, type Operation } from "@headgate/contract";
import type { ActiveClient } from "../clients/active-client.ts";
import { badRequest, quoted } from "../http/client-error.ts";

const HEADER = "x-headgate-cache";
const WORDS = ["on", "off", "tools"] as const;

export interface CacheWish {
  /** False: the answer is made anew, and replaces what is kept. */
  readonly read: boolean;
  readonly forMs: number;
  /** Answers with tool calls are kept too. */
  readonly tools: boolean;
  /** Whose answers they are; empty: those of all that share. */
  readonly owner: string;
}

export interface Wishing {
  readonly headers: IncomingHttpHeaders;
  readonly json: JsonObject | undefined;
  readonly operation: Operation;
  readonly client: ActiveClient | undefined;
  /** Of the name. */
  readonly rule: CacheRule | undefined;
  readonly ttlMs: number;
}

/** Undefined: the request goes past the cache. @throws {ClientError} 400 that names the header */
export function wishOf({ headers, json, operation, client, rule, ttlMs }: Wishing): CacheWish | undefined {
  const header = headers[HEADER];
  const word = WORDS.find((one) => one === header);
  if (header !== undefined && word === undefined)
    throw badRequest(`\`${HEADER}\` must be one of ${WORDS.join(", ")}, not ${quoted(header)}.`, HEADER);
  const control = headers["cache-control"] ?? "";
  const own = client?.cache;
  if (word === "off" || own?.off === true || rule?.off === true || /\bno-store\b/i.test(control))
    return undefined;
  const asked = word !== undefined || own !== undefined || rule !== undefined;
  if (operation === "chat") {
    if (!asked && temperatureOf(json) !== 0) return undefined;
  } else if (operation !== "embedding") return undefined;
  return {
    read: !/\bno-cache\b/i.test(control),
    forMs: own?.forMs ?? rule?.forMs ?? ttlMs,
    tools: word === "tools" || own?.tools === true || rule?.tools === true,
    owner: (own?.shared ?? rule?.shared) === true ? "" : (client?.stored.id ?? MASTER),
  };
}

/** As every surface names it. */
function temperatureOf(json: JsonObject | undefined): unknown {
  if (json === undefined) return undefined;
  const { temperature, generationConfig, options } = json;
  if (temperature !== undefined) return temperature;
  const inner = isObject(generationConfig) ? generationConfig : isObject(options) ? options : undefined;
  return inner?.temperature;
}
