/** As a new user would: from a gateway with nothing configured to an answer, without a terminal. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Lab, startLab } from "@headgate/upstream-lab";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { builtPage, CHROMIUM, launch, signIn, visit } from "../support/browser.ts";
import { clientKeyOf, headgate, makeRoot, type Running, removeRoot, startServe } from "../support/serve.ts";

const KEY = "gsk_test0123456789abcdefghijklmnop";
let lab: Lab;
let browser: Browser;
let root: string;
let running: Running;

describe.skipIf(CHROMIUM === undefined)("a new user", () => {
  beforeAll(async () => {
    builtPage();
    [lab, browser] = await Promise.all([startLab(), launch()]);
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await lab.close();
  });
  beforeEach(async () => {
    root = makeRoot();
    // The fake provider's address is all that a real user would not write.
    writeFileSync(
      join(root, ".env"),
      `# mine\r\nDEMO=0\r\nGROQ=0\r\nGROQ_API_KEY=\r\nGROQ_BASE_URL=${lab.baseUrl}\r\n`,
      { mode: 0o640 },
    );
    running = await startServe(root, [], { HEADGATE_PAGE: "on" });
  });
  afterEach(async () => {
    running.child.kill("SIGKILL");
    await running.exited;
    removeRoot(root);
    lab.reset();
  });

  it("switches a provider on, verifies its key, asks it in the playground and sees the request", {
    timeout: 60_000,
  }, async () => {
    const link = headgate(["open", "--root", root, "--url", running.url]);
    const { page, context, errors, foreign, answers } = await visit(browser, running.url);
    await page.goto(link);
    await page.getByText("No provider is on yet.").waitFor();
    expect(page.url()).not.toContain("link=");
    await page.getByRole("link", { name: "Go to Providers" }).click();

    await page.getByRole("button", { name: "Manage: Groq" }).click();
    await page.getByLabel("Key for GROQ_API_KEY").fill(KEY);
    await page.getByRole("button", { name: "Save and switch on" }).click();
    await page.getByText("Saved and applied.").waitFor();
    await page.getByRole("button", { name: "Verify" }).click();
    await page.getByText("The key works").first().waitFor();
    expect(readFileSync(join(root, ".env"), "utf8")).toBe(
      `# mine\r\nDEMO=0\r\nGROQ=1\r\nGROQ_API_KEY=${KEY}\r\nGROQ_BASE_URL=${lab.baseUrl}\r\n`,
    );
    await page.getByRole("button", { name: "Close" }).click();

    await page.getByRole("link", { name: "Playground" }).click();
    await page.getByRole("combobox", { name: "Model", exact: true }).selectOption("groq-llama-3.3-70b");
    await page.getByLabel("Message").fill("Hello!");
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByText(/groq-llama-3.3-70b · groq · 1 attempt/).waitFor();
    await page.getByRole("link", { name: "Open the story" }).click();
    await page.getByRole("heading", { name: /Attempt 1: groq-llama-3.3-70b/ }).waitFor();
    await page.getByRole("button", { name: "Close" }).click();
    await page
      .getByRole("cell", { name: /groq-llama-3.3-70b/ })
      .first()
      .waitFor();

    expect({ errors, foreign }).toEqual({ errors: [], foreign: [] });
    // The key is in nothing that the page got, shows or keeps, and in no log.
    expect(answers.length).toBeGreaterThan(10);
    expect(answers.join("\n")).not.toContain(KEY);
    expect(await page.content()).not.toContain(KEY);
    expect(JSON.stringify(await context.storageState())).not.toContain(KEY);
    expect(running.errors()).not.toContain(KEY);
  });

  it("is told at the field what is wrong, and that a file changed meanwhile", {
    timeout: 60_000,
  }, async () => {
    const { page } = await visit(browser, running.url);
    await signIn(page, running.url, clientKeyOf(root));
    await page.goto(`${running.url}/#/providers?manage=groq`);
    await page.getByLabel("Key for GROQ_API_KEY").fill(`'"${"`"}x`);
    await page.getByRole("button", { name: "Save and switch on" }).click();
    await page.getByText(/a line of .env cannot hold this value/).waitFor();
    expect(readFileSync(join(root, ".env"), "utf8")).toContain("GROQ=0\r\nGROQ_API_KEY=\r\n");

    // Somebody edits the file meanwhile: nothing is written over it.
    writeFileSync(join(root, ".env"), "# changed by hand\nGROQ=0\n");
    await page.getByLabel("Key for GROQ_API_KEY").fill(KEY);
    await page.getByRole("button", { name: "Save and switch on" }).click();
    await page.getByText("The file changed meanwhile").waitFor();
    expect(readFileSync(join(root, ".env"), "utf8")).toBe("# changed by hand\nGROQ=0\n");
  });
});
