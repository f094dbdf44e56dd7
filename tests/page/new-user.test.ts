/** As a new user would: from a gateway with nothing configured to an answer, without a terminal. */
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
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

  it("is not harmed by a page of another local port", { timeout: 60_000 }, async () => {
    const { page, context } = await visit(browser, running.url);
    await signIn(page, running.url, clientKeyOf(root));
    // Cookies know no ports: the browser sends the session to the gateway from here too.
    const stranger = createServer((_, response) =>
      response
        .setHeader("content-type", "text/html")
        .end(
          `<form method="post" enctype="text/plain" action="${running.url}/admin/settings"><input name='{"a":"' value='"}'></form>`,
        ),
    );
    await new Promise<void>((up) => stranger.listen(0, "127.0.0.1", up));
    const { port } = stranger.address() as AddressInfo;
    await context.unroute("**/*");
    const other = await context.newPage();
    await other.goto(`http://127.0.0.1:${port}/`);
    const [answer] = await Promise.all([
      other.waitForResponse((response) => response.url().endsWith("/admin/settings")),
      other.evaluate("document.querySelector('form').submit()"),
    ]);
    expect(answer.status()).toBe(403);
    expect((await answer.request().allHeaders()).cookie).toContain("headgate_");
    // The form's navigation may go on in the first one.
    const reader = await context.newPage();
    await reader.goto(`http://127.0.0.1:${port}/`);
    const read = await reader.evaluate<string>(
      `fetch("${running.url}/admin/settings", { credentials: "include" }).then(() => "read", () => "blocked")`,
    );
    expect(read).toBe("blocked");
    await context.close();
    stranger.close();
  });

  it("loads at most 130 kB before the first page is there", () => {
    const dist = builtPage();
    const html = readFileSync(join(dist, "index.html"), "utf8");
    const named = [...html.matchAll(/(?:src|href)="\/page\/(assets\/[^"]+)"/g)].map(([, path = ""]) => path);
    expect(named.some((path) => path.endsWith(".js"))).toBe(true);
    const bytes = [html, ...named.map((path) => readFileSync(join(dist, path)))].map(
      (part) => gzipSync(part).length,
    );
    expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(130_000);
    expect(html).not.toMatch(/https?:\/\//);
  });
});
