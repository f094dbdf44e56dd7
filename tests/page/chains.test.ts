/** A chain put into another order by keyboard: only the overlay changes, and the plan follows. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Lab, startLab } from "@headgate/upstream-lab";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtPage, CHROMIUM, launch, signIn, visit } from "../support/browser.ts";
import { clientKeyOf, headgate, makeRoot, type Running, removeRoot, startServe } from "../support/serve.ts";

let lab: Lab;
let browser: Browser;
let root: string;
let running: Running;

describe.skipIf(CHROMIUM === undefined)("a chain", () => {
  beforeAll(async () => {
    builtPage();
    [lab, browser] = await Promise.all([startLab(), launch()]);
    root = makeRoot();
    writeFileSync(join(root, ".env"), `DEMO=1\nGROQ=1\nGROQ_API_KEY=k\nGROQ_BASE_URL=${lab.baseUrl}\n`);
    running = await startServe(root, [], { HEADGATE_PAGE: "on" });
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    running.child.kill("SIGKILL");
    await running.exited;
    await lab.close();
    removeRoot(root);
  });

  it("is reordered by keyboard, previewed, saved to the overlay and reset", { timeout: 90_000 }, async () => {
    const { page, context, errors } = await visit(browser, running.url);
    const env = readFileSync(join(root, ".env"), "utf8");
    const catalogue = readFileSync(join(root, "fallbacks", "fallbacks.json"), "utf8");
    await signIn(page, running.url, clientKeyOf(root));
    await page.goto(`${running.url}/#/chains?q=groq-llama-3.3-70b&name=groq-llama-3.3-70b`);
    const handles = page.getByRole("button", { name: /^Drag to move: / });
    const nameAt = async (at: number): Promise<string> =>
      ((await handles.nth(at).getAttribute("aria-label")) ?? "").replace(/^Drag to move: |, .*$/g, "");
    await handles.first().waitFor();
    const [first, second] = [await nameAt(0), await nameAt(1)];
    await handles.nth(1).focus();
    await page.keyboard.press("Alt+ArrowUp");
    expect([await nameAt(0), await nameAt(1)]).toEqual([second, first]);
    // The row keeps the focus on its way.
    expect(await page.evaluate<string>("document.activeElement.dataset.item")).toBe(second);
    await page.getByRole("button", { name: "Show the difference" }).click();
    await page.getByText("overlay/fallbacks/fallbacks.json").waitFor();
    await page.getByRole("button", { name: "Save to the overlay" }).click();
    await page.getByText("set by the overlay").first().waitFor();

    const overlay = JSON.parse(
      readFileSync(join(root, "overlay", "fallbacks", "fallbacks.json"), "utf8"),
    ) as {
      chains: Record<string, string[]>;
    };
    expect(Object.keys(overlay.chains)).toEqual(["groq-llama-3.3-70b"]);
    expect(overlay.chains["groq-llama-3.3-70b"]?.slice(0, 2)).toEqual([second, first]);
    expect(readFileSync(join(root, ".env"), "utf8")).toBe(env);
    expect(readFileSync(join(root, "fallbacks", "fallbacks.json"), "utf8")).toBe(catalogue);
    const explained = headgate(["explain", "groq-llama-3.3-70b", "--root", root]);
    expect(explained.indexOf(second)).toBeLessThan(explained.indexOf(first));

    await page.getByRole("button", { name: "Reset to the catalogue" }).click();
    await expect.poll(() => nameAt(0), { timeout: 15_000 }).toBe(first);
    expect(errors).toEqual([]);
    await context.close();
  });
});
