/** The page in a real browser: its files built once, Debian's Chromium, and a watch over what leaves the machine. */
import { spawnSync } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { buildOnce } from "./built.ts";

const ROOM = resolve("packages/dashboard");
const DIST = join(ROOM, "dist");

/** The program; undefined where none is installed, and the tests are skipped. */
export const CHROMIUM: string | undefined = ["chromium", "chromium-browser", "google-chrome"]
  .flatMap((name) => (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, name)))
  .find((path) => existsSync(path));

if (CHROMIUM === undefined)
  console.warn("notice: no Chromium is installed, so the tests of the page are skipped");

/** Builds the page where it is missing or older than its sources; turbo has built it before. @returns its folder */
export function builtPage(): string {
  buildOnce({
    name: "page",
    result: join(DIST, "index.html"),
    sources: () =>
      globSync(["index.html", "vite.config.ts", "src/**/*"], { cwd: ROOM }).map((path) => join(ROOM, path)),
    build: () => {
      const vite = resolve("node_modules/vite/bin/vite.js");
      const { status, stderr } = spawnSync(process.execPath, [vite, "build", "--logLevel", "warn"], {
        cwd: ROOM,
        encoding: "utf8",
      });
      if (status !== 0) throw new Error(`the page cannot be built:\n${stderr}`);
    },
  });
  return DIST;
}

export const launch = (): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM ?? "", args: ["--no-sandbox", "--disable-dev-shm-usage"] });

export interface Visit {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Errors of scripts and of the content policy. */
  readonly errors: string[];
  /** Requests to another host than the gateway's: they are blocked. */
  readonly foreign: string[];
  /** Bodies of everything that the gateway answered with text. */
  readonly answers: string[];
}

export async function visit(
  browser: Browser,
  url: string,
  options: {
    readonly width?: number;
    readonly theme?: "light" | "dark";
    readonly zone?: string;
    readonly ignore?: RegExp;
  } = {},
): Promise<Visit> {
  const { width = 1280, theme = "light", zone, ignore = /Failed to load resource/ } = options;
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: theme,
    reducedMotion: "reduce",
    ...(zone === undefined ? {} : { timezoneId: zone }),
  });
  const errors: string[] = [];
  const foreign: string[] = [];
  const answers: string[] = [];
  const { host } = new URL(url);
  await context.route("**/*", async (route) => {
    const to = new URL(route.request().url());
    if (to.host === host || to.protocol === "data:" || to.protocol === "blob:") return route.continue();
    foreign.push(to.href);
    return route.abort();
  });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" && !ignore.test(message.text())) errors.push(message.text());
  });
  page.on("response", (response) => {
    if (/json|text\/(?!event)/.test(response.headers()["content-type"] ?? ""))
      void response.text().then(
        (text) => answers.push(text),
        () => undefined,
      );
  });
  return { context, page, errors, foreign, answers };
}

export async function signIn(page: Page, url: string, key: string): Promise<void> {
  await page.goto(url);
  await page.getByLabel("Master key").fill(key);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Now", level: 1 }).waitFor();
}
