/**
 * Posts events to the address of HEADGATE_WEBHOOK_URL: signed, tried again, bounded. It follows no redirect, so that an answer
 * cannot lead to another address. Loaded only where an address is named.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
import { createHmac, randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Log } from "../log.ts";

const TIMEOUT_MS = 5_000;
/** Pauses before further tries. */
const AGAIN_MS: readonly number[] = [1_000, 5_000, 30_000];
/** Beyond so many waiting events new ones are lost. */
const MAX_WAITING = 100;

export type WebhookForm = "json" | "slack" | "discord" | "ntfy";

export interface WebhookEvent {
  readonly event: "key_dead" | "quota_high" | "spend_high" | "group_closed" | "backend_down" | "backend_up";
  /** What it is about: a key's variable, a limit, a group, a backend. Never a key. */
  readonly about: string;
  /** In one sentence. */
  readonly text: string;
  readonly at: string;
}

export interface WebhookInput {
  readonly url: string;
  readonly form: WebhookForm | "auto";
  readonly secret: () => string;
  readonly log: Log;
  /** For tests: waits before further tries. */
  readonly pause?: (ms: number) => Promise<unknown>;
}

export class Webhook {
  readonly #input: WebhookInput;
  readonly #form: WebhookForm;
  readonly #pause: (ms: number) => Promise<unknown>;
  readonly #leaving = new AbortController();
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  #failing = false;

  constructor(input: WebhookInput) {
    this.#input = input;
    this.#form = input.form === "auto" ? formOf(new URL(input.url)) : input.form;
    this.#pause = input.pause ?? ((ms) => delay(ms, undefined, { ref: false, signal: this.#leaving.signal }));
  }

  /** Never waits or throws. One event after another, in order. */
  send(event: WebhookEvent): void {
    if (this.#leaving.signal.aborted) return;
    if (this.#waiting >= MAX_WAITING) {
      this.#fails("it is lost", "too many wait already", event);
      return;
    }
    this.#waiting += 1;
    const id = randomUUID();
    this.#last = this.#last
      .then(() => this.#deliver(event, id))
      .finally(() => {
        this.#waiting -= 1;
      });
  }

  async #deliver(event: WebhookEvent, id: string): Promise<void> {
    for (const pauseMs of [...AGAIN_MS, undefined]) {
      const failure = await this.#post(event, id);
      if (failure === undefined) {
        if (this.#failing) this.#input.log.info("the webhook takes events again");
        this.#failing = false;
        return;
      }
      if (pauseMs === undefined || failure.lasting || this.#leaving.signal.aborted) {
        this.#fails("it is lost", failure.why, event);
        return;
      }
      await this.#pause(pauseMs).catch(() => {});
    }
  }

  async #post(
    event: WebhookEvent,
    id: string,
  ): Promise<{ readonly why: string; readonly lasting: boolean } | undefined> {
    const { headers, body } = encode(event, this.#form);
    const atS = Math.floor(Date.now() / 1_000);
    const signature = createHmac("sha256", this.#input.secret())
      .update(`${id}.${atS}.${body}`)
      .digest("base64");
    try {
      const response = await fetch(this.#input.url, {
        method: "POST",
        headers: {
          ...headers,
          "webhook-id": id,
          "webhook-timestamp": String(atS),
          "webhook-signature": `v1,${signature}`,
        },
        body,
        redirect: "manual",
        signal: AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), this.#leaving.signal]),
      });
      await response.body?.cancel();
      if (response.ok) return undefined;
      const redirects = response.status >= 300 && response.status < 400;
      const why = redirects
        ? "it redirects, which is not followed; write its final address"
        : `it answered ${response.status}`;
      return { why, lasting: response.status < 500 && response.status !== 429 };
    } catch (error) {
      const why =
        error instanceof Error && error.name === "TimeoutError"
          ? `no answer in ${TIMEOUT_MS} ms`
          : "it cannot be reached";
      return { why, lasting: false };
    }
  }

  /** Once, until an event arrives again. The address is not logged: with most services it is the secret. */
  #fails(what: string, why: string, { event, about }: WebhookEvent): void {
    if (!this.#failing)
      this.#input.log.warn(`an event could not be posted to HEADGATE_WEBHOOK_URL, and ${what}`, {
        event,
        about,
        why,
      });
    this.#failing = true;
  }

  async close(): Promise<void> {
    this.#leaving.abort();
    await this.#last;
  }
}

function formOf({ hostname, pathname }: URL): WebhookForm {
  if (/(^|\.)slack\.com$/.test(hostname)) return "slack";
  if (/(^|\.)discord(app)?\.com$/.test(hostname) && pathname.includes("/webhooks/")) return "discord";
  return /(^|\.)ntfy\./.test(hostname) ? "ntfy" : "json";
}

/** https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks, https://discord.com/developers/docs/resources/webhook#execute-webhook, https://docs.ntfy.sh/publish/ */
function encode(
  event: WebhookEvent,
  form: WebhookForm,
): { readonly headers: Record<string, string>; readonly body: string } {
  const json = { "content-type": "application/json" };
  const text = `Headgate: ${event.text}`;
  switch (form) {
    case "slack":
      // Slack reads these three characters as markup.
      return {
        headers: json,
        body: JSON.stringify({ text: text.replace(/[&<>]/g, (sign) => ESCAPED[sign] ?? sign) }),
      };
    case "discord":
      return { headers: json, body: JSON.stringify({ content: text, allowed_mentions: { parse: [] } }) };
    case "ntfy":
      return {
        headers: { "content-type": "text/plain; charset=utf-8", title: "Headgate", tags: event.event },
        body: event.text,
      };
    case "json":
      return { headers: json, body: JSON.stringify({ ...event, text }) };
  }
}

const ESCAPED: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
