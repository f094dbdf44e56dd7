/** Background requests over HTTP: they leave room for interactive ones, wait instead of failing, and pay for nothing meanwhile. */
import { type Lab, startLab } from "@headgate/upstream-lab";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { startGateway, type TestGateway } from "./support/gateway.ts";

let lab: Lab;
let gateway: TestGateway;
const LIMIT = {
  unit: "requests",
  amount: 10,
  window: "minute",
  scope: "model",
  source: "https://a.example",
  verified: true,
};
const BACKGROUND = { headers: { "x-headgate-priority": "background" } };

beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.close());
afterEach(async () => {
  await gateway.close();
  lab.reset();
});
const serve = async (backgroundWaitMs = 60_000): Promise<void> => {
  gateway = await startGateway(
    [
      {
        id: "first",
        baseUrl: lab.baseUrl,
        models: [{ alias: "a", chain: ["paid"], limits: [LIMIT] as never }],
      },
      {
        id: "second",
        baseUrl: lab.baseUrl,
        models: [{ alias: "paid", tier: "paid", price: { input: 1, output: 1 } }],
      },
    ],
    { options: { backgroundWaitMs } },
  );
};
beforeEach(() => serve());

const pending = async (answer: Promise<unknown>): Promise<boolean> =>
  (await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 600, "pending"))])) === "pending";

it("takes what nothing else wants at once", async () => {
  for (let more = 0; more < 10; more += 1)
    expect((await gateway.chat({ model: "a" }, BACKGROUND)).headers.get("x-routed-via")).toBe("first/a");
});

it("waits while what is left is kept for interactive requests, and goes on when they have stopped", async () => {
  for (let more = 0; more < 6; more += 1) await gateway.chat({ model: "a" });
  const waiting = gateway.chat({ model: "a" }, BACKGROUND);
  expect(await pending(waiting)).toBe(true);
  // Four more fit, for those that do not wait.
  expect((await gateway.chat({ model: "a" })).headers.get("x-routed-via")).toBe("first/a");
  gateway.clock.nowMs += 40 * 60_000;
  expect((await waiting).headers.get("x-routed-via")).toBe("first/a");
});

it("goes on with what is open when it has waited as long as it may", async () => {
  await gateway.close();
  await serve(300);
  for (let more = 0; more < 10; more += 1) await gateway.chat({ model: "a" });
  const response = await gateway.chat({ model: "a" }, BACKGROUND);
  expect(response.headers.get("x-routed-via")).toBe("second/paid");
});

it("leaves the line when its client goes away", async () => {
  for (let more = 0; more < 10; more += 1) await gateway.chat({ model: "a" });
  const leaving = new AbortController();
  const first = gateway.chat({ model: "a" }, { ...BACKGROUND, signal: leaving.signal });
  const second = gateway.chat({ model: "a" }, BACKGROUND);
  expect(await pending(second)).toBe(true);
  leaving.abort();
  await expect(first).rejects.toThrow();
  gateway.clock.nowMs += 40 * 60_000;
  expect((await second).status).toBe(200);
  expect(lab.requests.filter(({ model }) => model === "a")).toHaveLength(11);
});

it("names what the header may be", async () => {
  const response = await gateway.chat({ model: "a" }, { headers: { "x-headgate-priority": "urgent" } });
  expect(response.status).toBe(400);
  expect(await response.text()).toContain("must be interactive or background");
});
