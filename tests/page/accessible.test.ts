/** Every page and dialog in both themes, wide and narrow: axe finds nothing, nothing is cut off, nothing leaves the machine. */
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type Lab, startLab } from "@headgate/upstream-lab";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtPage, CHROMIUM, launch, signIn, visit } from "../support/browser.ts";
import { clientAt, clientKeyOf, makeRoot, type Running, removeRoot, startServe } from "../support/serve.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** Theme and width decide on colours, sizes and what is shown; HEADGATE_TEST_ALL=1 looks at every rule in every pair. */
const ALL = process.env.HEADGATE_TEST_ALL === "1";
const SOME = ["color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable"];
interface Look {
  readonly theme: "light" | "dark";
  readonly width: number;
  /** Absent: all. */
  readonly rules?: readonly string[];
}
const LOOKS: readonly Look[] = ALL
  ? [
      { theme: "light", width: 390 },
      { theme: "dark", width: 1280 },
      { theme: "dark", width: 390 },
      { theme: "light", width: 1280 },
    ]
  : [
      { theme: "dark", width: 390, rules: SOME },
      { theme: "light", width: 1280 },
    ];

interface Finding {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

let lab: Lab;
let browser: Browser;
let root: string;
let running: Running;
let key: string;

/** What axe finds, each as a text. Evaluated by the debugger, which the page's policy does not bind. */
async function findings(page: Page, rules?: readonly string[]): Promise<string[]> {
  // The document stays from page to page.
  if (!(await page.evaluate<boolean>("'axe' in globalThis"))) await page.evaluate(AXE);
  const runOnly = rules === undefined ? TAGS : { type: "rule", values: rules };
  const violations = await page.evaluate<readonly Finding[]>(
    `axe.run(document, { runOnly: ${JSON.stringify(runOnly)}, resultTypes: ["violations"] }).then((result) => result.violations)`,
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary = "" }) => `${id}: ${html} ${failureSummary}`),
  );
}

/** How far the page is wider than the window, in CSS px. */
const overflow = (page: Page): Promise<number> =>
  page.evaluate<number>("document.documentElement.scrollWidth - document.documentElement.clientWidth");

/** Controls under 24 px are hard to hit. */
const small = (page: Page): Promise<string[]> =>
  page.evaluate<string[]>(`[...document.querySelectorAll("button, select, input, summary")]
    .filter((control) => {
      const { width, height } = control.getBoundingClientRect();
      return width > 1 && height > 1 && (width < 24 || height < 24);
    })
    .map((control) => control.outerHTML.slice(0, 120))`);

describe.skipIf(CHROMIUM === undefined)("every page", () => {
  beforeAll(async () => {
    builtPage();
    [lab, browser] = await Promise.all([startLab(), launch()]);
    root = makeRoot();
    writeFileSync(
      join(root, ".env"),
      `DEMO=1\nGROQ=1\nGROQ_API_KEY=test-key-of-groq\nGROQ_BASE_URL=${lab.baseUrl}\nCEREBRAS=1\nHEADGATE_SPEND_LIMIT=5usd/day\n`,
    );
    running = await startServe(root, [], { HEADGATE_PAGE: "on" });
    key = clientKeyOf(root);
    const client = clientAt(running, key);
    const messages = [{ role: "user" as const, content: "Hello" }];
    for (const model of ["groq-llama-3.3-70b", "demo", "free-mode"])
      await client.chat.completions.create({ model, messages });
    await client.chat.completions.create({ model: "no-such-model", messages }).catch(() => undefined);
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    running.child.kill("SIGKILL");
    await running.exited;
    await lab.close();
    removeRoot(root);
  });

  const PAGES: readonly (readonly [address: string, shown: string | RegExp])[] = [
    ["now", "At a glance"],
    ["requests", "J and K open"],
    ["providers?q=google", "Google Gemini"],
    ["providers?q=groq&manage=groq", "Allowance and data policy"],
    ["models", "groq-llama-3.3-70b"],
    ["models?open=groq-llama-3.3-70b", "Score (strategy balanced)"],
    ["chains?q=free&name=free-mode", "Save to the overlay"],
    ["playground", "Send a message to see"],
    ["usage", "Usage by model"],
    ["clients", "Connect a client"],
    ["memory", "No local model is managed."],
    ["explain?model=auto", "Candidates, in order"],
  ];

  const DIALOGS = [
    ["providers?q=google", "Add a server"],
    ["providers?q=google", "Rotate the master key"],
    ["clients", "Add a client"],
  ] as const;

  it("has no finding, wide and light, and narrow and dark", { timeout: 180_000 }, async () => {
    const { page, context, errors, foreign } = await visit(browser, running.url);
    const wrong: string[] = [];
    const look = async (where: string): Promise<void> => {
      for (const { theme, width, rules } of LOOKS) {
        await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
        await page.setViewportSize({ width, height: 900 });
        const at = `${where}, ${theme}, ${width} px`;
        wrong.push(...(await findings(page, rules)).map((found) => `${at}: ${found}`));
        wrong.push(...(await small(page)).map((control) => `${at}: small ${control}`));
        const wider = await overflow(page);
        if (wider > 0) wrong.push(`${at}: ${wider} px wider than the window`);
      }
    };
    await page.goto(running.url);
    await page.getByLabel("Master key").waitFor();
    await look("sign-in");
    await signIn(page, running.url, key);
    for (const [address, shown] of PAGES) {
      await page.goto(`${running.url}/#/${address}`);
      await page.getByText(shown).first().waitFor();
      await page.getByText("Loading", { exact: true }).first().waitFor({ state: "detached" });
      await look(address);
    }
    for (const [address, button] of DIALOGS) {
      await page.goto(`${running.url}/#/${address}`);
      await page.getByRole("button", { name: button }).click();
      await page.getByRole("dialog").waitFor();
      await look(button);
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
    }
    await page.goto(`${running.url}/#/requests`);
    await page.getByRole("row").nth(1).getByRole("button").click();
    await page.getByRole("heading", { name: "Facts" }).waitFor();
    await look("a request's story");
    await page.keyboard.press("Escape");
    await page.setViewportSize({ width: 390, height: 900 });
    await page.getByRole("button", { name: "Menu" }).click();
    await page.getByRole("dialog").waitFor();
    await look("menu");
    expect({ wrong, errors, foreign }).toEqual({ wrong: [], errors: [], foreign: [] });
    await context.close();
  });
});
