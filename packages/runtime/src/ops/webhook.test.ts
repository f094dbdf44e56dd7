import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { createLog } from "../log.ts";
import { Webhook, type WebhookEvent } from "./webhook.ts";

const event = (about: string): WebhookEvent => ({ event: "key_dead", about, text: "x", at: "now" });

async function rig(answer: (count: number) => number | undefined) {
  const bodies: string[] = [];
  const ids: unknown[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    bodies.push(JSON.parse(body).about);
    ids.push(request.headers["webhook-id"]);
    const status = answer(bodies.length);
    if (status !== undefined) response.writeHead(status).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const logged: string[] = [];
  const pauses: number[] = [];
  const hook = new Webhook({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    form: "auto",
    secret: () => "s",
    log: createLog("info", (line) => logged.push(line)),
    pause: async (ms) => void pauses.push(ms),
  });
  return { hook, bodies, ids, logged, pauses, server };
}

it("tries again after growing pauses, under the same id, and goes on with the next event", async () => {
  const { hook, bodies, ids, pauses, logged, server } = await rig((count) => (count < 3 ? 503 : 200));
  hook.send(event("a"));
  hook.send(event("b"));
  await expect.poll(() => bodies).toEqual(["a", "a", "a", "b"]);
  expect(pauses).toEqual([1_000, 5_000]);
  expect(new Set(ids.slice(0, 3)).size).toBe(1);
  expect(ids[3]).not.toBe(ids[0]);
  expect(logged).toEqual([]);
  await hook.close();
  server.close();
});

it("gives an event up after four tries, or at once where the receiver refuses it, and says so once", async () => {
  const { hook, bodies, logged, server } = await rig((count) => (count <= 4 ? 500 : 404));
  hook.send(event("a"));
  hook.send(event("b"));
  await expect.poll(() => bodies).toEqual(["a", "a", "a", "a", "b"]);
  await hook.close();
  expect(logged).toHaveLength(1);
  expect(logged[0]).toMatch(/could not be posted.*it answered 500/);
  server.close();
});

it("keeps at most a hundred events for a receiver that hangs, and closes at once", async () => {
  const { hook, bodies, logged, server } = await rig(() => undefined);
  for (let more = 0; more < 150; more += 1) hook.send(event(`e${more}`));
  await expect.poll(() => bodies).toEqual(["e0"]);
  expect(logged[0]).toMatch(/too many wait already/);
  const startedAtMs = performance.now();
  await hook.close();
  expect(performance.now() - startedAtMs).toBeLessThan(1_000);
  server.closeAllConnections();
  server.close();
});
