/** The way to the page and the admin routes: key, session, link, Host, and where a browser's request comes from. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { CLIENT_KEY, type GatewayTestOptions, startGateway, type TestGateway } from "../support/gateway.ts";

let pageDir: string;
let gateway: TestGateway | undefined;

beforeAll(() => {
  pageDir = mkdtempSync(join(tmpdir(), "headgate-page-"));
  mkdirSync(join(pageDir, "assets"));
  writeFileSync(join(pageDir, "index.html"), "<!doctype html><title>page</title>");
  writeFileSync(join(pageDir, "assets", "main-1.js"), "export {};");
  writeFileSync(join(pageDir, "assets", "main-1.js.gz"), gzipSync("export {};"));
  writeFileSync(join(pageDir, "secret.txt"), "not a file of the page");
});
afterAll(() => rmSync(pageDir, { recursive: true }));
afterEach(() => gateway?.close());

const open = async (options: GatewayTestOptions = {}): Promise<TestGateway> => {
  gateway = await startGateway([{ id: "demo", adapter: "demo", keys: [], models: [{ alias: "demo" }] }], {
    pageDir,
    ...options,
  });
  return gateway;
};

interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly code: string | undefined;
}

/** `fetch` sends no Host, Origin or Sec-Fetch-Site of the caller's choice. */
function send(
  to: TestGateway,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body?: object,
): Promise<Reply> {
  return new Promise((done, failed) => {
    const sent = httpRequest(`${to.url}${path}`, { method, headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.on("end", () => {
        let code: string | undefined;
        try {
          code = (JSON.parse(text) as { error?: { code?: string } }).error?.code;
        } catch {
          // It is no JSON.
        }
        done({ status: response.statusCode ?? 0, headers: response.headers, body: text, code });
      });
    });
    sent.on("error", failed);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const fromPage = (to: TestGateway): Record<string, string> => ({
  origin: to.url,
  "sec-fetch-site": "same-origin",
});

async function signIn(to: TestGateway): Promise<string> {
  const reply = await send(to, "POST", "/admin/session", fromPage(to), { key: CLIENT_KEY });
  expect(reply.status).toBe(204);
  const [cookie = ""] = reply.headers["set-cookie"] ?? [];
  return cookie;
}
const pairOf = (cookie: string): string => cookie.split(";")[0] ?? "";

describe("GET /", () => {
  it("is the page for a browser, with a policy that allows no other host and nothing inline", async () => {
    const reply = await send(await open(), "GET", "/", { accept: "text/html,*/*" });
    expect(reply).toMatchObject({ status: 200, body: expect.stringContaining("<title>page") });
    expect(reply.headers["cache-control"]).toBe("no-store");
    const policy = String(reply.headers["content-security-policy"]);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).not.toContain("unsafe");
  });

  it.each([
    ["GET", { accept: "*/*" }, "ok\n"],
    ["GET", {}, "ok\n"],
    ["HEAD", { accept: "text/html" }, ""],
  ])("answers ok to %s with %o", async (method, headers: Record<string, string>, body) => {
    const reply = await send(await open(), method, "/", headers);
    expect(reply).toMatchObject({ status: 200, body });
    expect(reply.headers["content-type"]).toContain("text/plain");
  });

  it("is no page where HEADGATE_PAGE is off, and no sign-in", async () => {
    const to = await open({ options: { page: "off" } });
    expect((await send(to, "GET", "/", { accept: "text/html" })).body).toBe("ok\n");
    expect((await send(to, "GET", "/page/assets/main-1.js")).status).toBe(401);
    expect(await send(to, "POST", "/admin/session", {}, { key: CLIENT_KEY })).toMatchObject({
      status: 404,
      code: "page_off",
    });
    expect((await to.fetch("/admin/status")).status).toBe(200);
  });
});

describe("a file of the page", () => {
  it("is kept for ever and comes compressed", async () => {
    const to = await open();
    const reply = await send(to, "GET", "/page/assets/main-1.js", { "accept-encoding": "gzip, br" });
    expect(reply.headers).toMatchObject({ "content-encoding": "gzip", vary: "Accept-Encoding" });
    expect(reply.headers["cache-control"]).toContain("immutable");
    const plain = await send(to, "GET", "/page/assets/main-1.js", { "accept-encoding": "gzip;q=0" });
    expect(plain.body).toBe("export {};");
  });

  it.each(["..%2fsecret.txt", "%2e%2e%2findex.html", "nothing.js", "main-1.js.gz", ".."])(
    "is none at %s",
    async (name) => {
      expect((await send(await open(), "GET", `/page/assets/${name}`)).status).toBeGreaterThanOrEqual(400);
    },
  );
});

describe("a session", () => {
  it("opens the admin routes, and no other route", async () => {
    const to = await open();
    const cookie = await signIn(to);
    const port = new URL(to.url).port;
    expect(cookie).toMatch(
      new RegExp(`^headgate_${port}=[\\w-]{43}; Path=/admin; Max-Age=\\d+; HttpOnly; SameSite=Strict$`),
    );
    expect(cookie).not.toContain(CLIENT_KEY);
    const headers = { cookie: pairOf(cookie), ...fromPage(to) };
    expect((await send(to, "GET", "/admin/status", headers)).status).toBe(200);
    expect((await send(to, "GET", "/admin/v1/models", headers)).status).toBe(200);
    expect((await send(to, "GET", "/v1/models", headers)).status).toBe(401);
    expect((await send(to, "GET", "/metrics", headers)).status).toBe(401);
    expect((await send(to, "GET", "/health", headers)).status).toBe(401);
  });

  it("ends when its user signs out", async () => {
    const to = await open();
    const headers = { cookie: pairOf(await signIn(to)), ...fromPage(to) };
    const out = await send(to, "DELETE", "/admin/session", headers);
    expect(out.headers["set-cookie"]?.[0]).toContain("Max-Age=0");
    expect(await send(to, "GET", "/admin/status", headers)).toMatchObject({
      status: 401,
      code: "session_ended",
    });
  });

  it("ends a week after its last use", async () => {
    const to = await open();
    const headers = { cookie: pairOf(await signIn(to)), ...fromPage(to) };
    const day = 86_400_000;
    to.clock.nowMs += 6 * day;
    expect((await send(to, "GET", "/admin/status", headers)).status).toBe(200);
    to.clock.nowMs += 6 * day;
    expect((await send(to, "GET", "/admin/status", headers)).status).toBe(200);
    to.clock.nowMs += 8 * day;
    expect((await send(to, "GET", "/admin/status", headers)).status).toBe(401);
  });

  it.each([
    ["a form of another port", { "sec-fetch-site": "same-site", origin: "http://127.0.0.1:9" }],
    ["a page of another site", { "sec-fetch-site": "cross-site", origin: "https://evil.example" }],
    ["a browser that hides the origin", { origin: "null" }],
    ["no origin at all", {}],
  ])("is not accepted for a write from %s", async (_, from: Record<string, string>) => {
    const to = await open();
    const cookie = pairOf(await signIn(to));
    const reply = await send(to, "POST", "/admin/clear", { cookie, ...from }, { name: "demo" });
    expect(reply).toMatchObject({ status: 403, code: "foreign_origin" });
    expect((await send(to, "POST", "/admin/v1/chat/completions", { cookie, ...from }, {})).status).toBe(403);
  });

  it("is not read by a page of another port either", async () => {
    const to = await open();
    const cookie = pairOf(await signIn(to));
    expect((await send(to, "GET", "/admin/status", { cookie, "sec-fetch-site": "same-site" })).status).toBe(
      403,
    );
  });

  it("answers the playground's chat through its own path", async () => {
    const to = await open();
    const headers = { cookie: pairOf(await signIn(to)), ...fromPage(to), "content-type": "application/json" };
    const body = { model: "demo", messages: [{ role: "user", content: "Hello" }] };
    const reply = await send(to, "POST", "/admin/v1/chat/completions", headers, body);
    expect(reply.status).toBe(200);
    expect(JSON.parse(reply.body)).toMatchObject({ choices: [{ message: { role: "assistant" } }] });
    expect((await send(to, "POST", "/admin/v1/chat/completions", {}, body)).status).toBe(401);
  });
});

describe("signing in", () => {
  it("needs the master key, and slows down who guesses", async () => {
    const to = await open();
    for (let tries = 0; tries < 10; tries += 1)
      expect((await send(to, "POST", "/admin/session", {}, { key: `guess ${tries}` })).status).toBe(401);
    const refused = await send(to, "POST", "/admin/session", {}, { key: CLIENT_KEY });
    expect(refused).toMatchObject({ status: 429, code: "too_many_attempts" });
    expect(refused.headers["retry-after"]).toBeDefined();
    to.clock.nowMs += 61_000;
    await signIn(to);
    expect(to.logged.join("\n")).not.toContain(CLIENT_KEY);
  });

  it("is refused to a page of another origin", async () => {
    const to = await open();
    const headers = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
    expect((await send(to, "POST", "/admin/session", headers, { key: CLIENT_KEY })).status).toBe(403);
  });

  it("works once with a link, within a minute", async () => {
    const to = await open();
    const make = async (): Promise<string> => {
      const { path } = (await (await to.fetch("/admin/session/links", { method: "POST" })).json()) as {
        path: string;
      };
      return path.replace("/#/sign-in?link=", "");
    };
    const link = await make();
    expect((await send(to, "POST", "/admin/session", fromPage(to), { link })).status).toBe(204);
    expect(await send(to, "POST", "/admin/session", fromPage(to), { link })).toMatchObject({
      code: "link_expired",
    });
    const late = await make();
    to.clock.nowMs += 61_000;
    expect((await send(to, "POST", "/admin/session", fromPage(to), { link: late })).status).toBe(401);
    expect((await send(to, "POST", "/admin/session/links")).status).toBe(401);
  });
});

describe("the Host header", () => {
  it.each([
    ["gateway.evil.example", 421],
    ["127.0.0.1.evil.example", 421],
    ["192.168.1.5", 421],
    ["localhost", 200],
    ["app.localhost:80", 200],
    ["[::1]:4000", 200],
  ])("%s gets %i on the page and the admin routes", async (host, status) => {
    const to = await open();
    const auth = { authorization: `Bearer ${CLIENT_KEY}` };
    expect((await send(to, "GET", "/", { host, accept: "text/html" })).status).toBe(status);
    expect((await send(to, "GET", "/admin/status", { host, ...auth })).status).toBe(status);
    // A client's own routes take any name.
    expect((await send(to, "GET", "/v1/models", { host, ...auth })).status).toBe(200);
  });

  it("may be a name of HEADGATE_ALLOWED_HOSTS", async () => {
    const to = await open({ options: { allowedHosts: ["gateway.example.org"] } });
    const reply = await send(to, "GET", "/", { host: "gateway.example.org", accept: "text/html" });
    expect(reply.status).toBe(200);
  });
});
