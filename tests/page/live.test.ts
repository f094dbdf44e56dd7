/** Live rows: seven tabs, a restart without gap or duplicate, a list that stands still, and a slow machine. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { builtPage, CHROMIUM, launch, signIn, visit } from "../support/browser.ts";
import { clientKeyOf, makeRoot, type Running, removeRoot, startServe } from "../support/serve.ts";

let browser: Browser;
let root: string;
let running: Running;
let key: string;

const serve = (port = "0"): Promise<Running> => startServe(root, ["--port", port], { HEADGATE_PAGE: "on" });

/** Asks the demo, under ids of one's own. */
async function ask(url: string, ids: readonly string[]): Promise<void> {
  await Promise.all(
    ids.map(async (id) => {
      const response = await fetch(`${url}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "x-request-id": id, "content-type": "application/json" },
        body: JSON.stringify({ model: "demo", messages: [{ role: "user", content: "Hello" }] }),
      });
      await response.text();
    }),
  );
}

const isLive = (page: Page): Promise<void> => page.locator(".badge", { hasText: "live" }).waitFor();
const rowOf = (page: Page, id: string) => page.getByRole("button", { name: new RegExp(`Request ${id}$`) });
const rows = (page: Page): Promise<number> => page.getByRole("button", { name: /Request \S+$/ }).count();
const ids = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, at) => `${name}${at}`);

const SLOWER = 4;
/** What people take for at once. */
const CLICK_MS = 200;

describe.skipIf(CHROMIUM === undefined)("live rows", () => {
  beforeAll(async () => {
    builtPage();
    browser = await launch();
  }, 60_000);
  afterAll(() => browser.close());
  beforeEach(async () => {
    root = makeRoot(["demo"]);
    writeFileSync(join(root, ".env"), "DEMO=1\n");
    running = await serve();
    key = clientKeyOf(root);
  }, 60_000);
  afterEach(async () => {
    running.child.kill("SIGKILL");
    await running.exited;
    removeRoot(root);
  });

  it("reach seven tabs of one browser, over one stream", { timeout: 90_000 }, async () => {
    const { context, page } = await visit(browser, running.url);
    let streams = 0;
    context.on("request", (request) => {
      if (request.url().includes("/admin/events")) streams += 1;
    });
    await signIn(page, running.url, key);
    const tabs = [page];
    while (tabs.length < 7) tabs.push(await context.newPage());
    for (const tab of tabs) {
      await tab.goto(`${running.url}/#/requests`);
      await isLive(tab);
    }
    await ask(running.url, ["every-tab"]);
    for (const tab of tabs) await rowOf(tab, "every-tab").waitFor();
    // The tab that holds the stream goes; another one takes it.
    await page.close();
    await ask(running.url, ["after-close"]);
    for (const tab of tabs.slice(1)) await rowOf(tab, "after-close").waitFor();
    expect(streams).toBe(2);
    await context.close();
  });

  it("have no gap and no duplicate when the gateway is killed and started again", {
    timeout: 60_000,
  }, async () => {
    const { context, page } = await visit(browser, running.url);
    await signIn(page, running.url, key);
    await page.goto(`${running.url}/#/requests`);
    await isLive(page);
    await ask(running.url, ids("before-", 5));
    await rowOf(page, "before-4").waitFor();
    const { port } = new URL(running.url);
    running.child.kill("SIGKILL");
    await running.exited;
    await page.getByText("not connected").waitFor();
    running = await serve(port);
    await ask(running.url, ids("after-", 5));
    await rowOf(page, "after-4").waitFor();
    await isLive(page);
    for (const id of [...ids("before-", 5), ...ids("after-", 5)])
      expect(await rowOf(page, id).count()).toBe(1);
    expect(await rows(page)).toBe(10);
    await context.close();
  });

  it("stand still while they are paused, obey the filters, and are followed with J and K", {
    timeout: 60_000,
  }, async () => {
    const { context, page } = await visit(browser, running.url);
    await signIn(page, running.url, key);
    await ask(running.url, ids("first-", 3));
    await page.goto(`${running.url}/#/requests?outcome=answered`);
    await rowOf(page, "first-2").waitFor();
    await page.getByRole("button", { name: "Pause" }).click();
    await ask(running.url, ids("second-", 3));
    await page.getByRole("button", { name: "3 new" }).click();
    await rowOf(page, "second-2").waitFor();
    await page.keyboard.press("j");
    await page.getByRole("heading", { name: /^Request second-|^Request first-/ }).waitFor();
    const first = await page.getByRole("dialog").getByRole("heading", { level: 2 }).textContent();
    await page.keyboard.press("j");
    await page
      .getByRole("dialog")
      .getByRole("heading", { level: 2 })
      .filter({ hasNotText: first ?? "" })
      .waitFor();
    expect(page.url()).toContain("open=");
    await page.keyboard.press("Escape");
    await page.getByLabel("Outcome").selectOption("refused");
    await page.getByText("No request matches the filters.").waitFor();
    await ask(running.url, ["still-answered"]);
    await page.getByLabel("Outcome").selectOption("answered");
    await rowOf(page, "still-answered").waitFor();
    await context.close();
  });

  // In the browser's own CPU time: the clock of a machine that others use too would tell of them.
  it("leave a browser that is four times as slow quick to answer clicks, with 200 rows at most", {
    timeout: 60_000,
  }, async () => {
    const { context, page } = await visit(browser, running.url);
    await signIn(page, running.url, key);
    await page.goto(`${running.url}/#/requests`);
    await isLive(page);
    const session = await context.newCDPSession(page);
    let batches = 0;
    session.on("Network.eventSourceMessageReceived", ({ eventName }) => {
      if (eventName === "requests") batches += 1;
    });
    await session.send("Network.enable");
    await session.send("Performance.enable", { timeDomain: "threadTicks" });
    const busyMs = async (): Promise<number> => {
      const { metrics } = await session.send("Performance.getMetrics");
      const secondsOf = (wanted: string): number =>
        metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN;
      // Without what the test itself asks of the page.
      return 1_000 * (secondsOf("TaskDuration") - secondsOf("DevToolsCommandDuration"));
    };
    let sent = 0;
    const load = setInterval(() => {
      sent += 5;
      void ask(running.url, ids(`load-${sent}-`, 5)).catch(() => undefined);
    }, 100);
    try {
      await expect.poll(() => rows(page), { timeout: 20_000 }).toBe(200);
      const before = { batches, busyMs: await busyMs() };
      await expect.poll(() => batches, { interval: 500 }).toBeGreaterThanOrEqual(before.batches + 8);
      const each = ((await busyMs()) - before.busyMs) / (batches - before.batches);
      // The median click comes in the middle of a batch at worst.
      expect((each * SLOWER) / 2).toBeLessThan(CLICK_MS);
    } finally {
      clearInterval(load);
    }
    expect(await rows(page)).toBeLessThanOrEqual(200);
    await context.close();
  });
});
