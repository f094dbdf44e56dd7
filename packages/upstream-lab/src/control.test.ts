import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as exported from "./index.ts";
import { asObject, type JsonObject } from "./json.ts";
import { type Lab, startLab } from "./lab.ts";
import * as local from "./local/index.ts";
import { call, chat, get, json } from "./probe.ts";
import { behaviourFrom, FACTORIES } from "./registry.ts";

let lab: Lab;
beforeEach(async () => {
  lab = await startLab({ control: true });
});
afterEach(() => lab.close());

const control = (path: string, body: JsonObject = {}) => call(lab.url, { path: `/lab/${path}`, body });

describe("the control routes", () => {
  it("set a behaviour with options", async () => {
    const answer = await control("behave", {
      model: "m",
      behaviour: "status",
      options: { status: 429, retryAfterS: 3 },
    });
    expect(json(answer)).toEqual({ model: "m", behaviour: "status" });
    const seen = await call(lab.url);
    expect([seen.status, seen.headers["retry-after"]]).toEqual([429, "3"]);
  });

  it("set a script, with behaviours that wrap others", async () => {
    const gzipped = { behaviour: "compressed", options: { encoding: "br", inner: "html502" } };
    await control("script", { model: "m", behaviours: ["resetBeforeHeaders", gzipped] });
    await expect(call(lab.url)).rejects.toThrow("ECONNRESET");
    const seen = await call(lab.url);
    expect([seen.status, seen.headers["content-encoding"]]).toEqual([502, "br"]);
  });

  it("open named gates", async () => {
    await control("behave", { model: "m", behaviour: "silence", options: { gate: "g" } });
    const answer = call(lab.url);
    await lab.gate("g").reached();
    await control("pass", { gate: "g" });
    expect((await answer).status).toBe(200);
    await control("open", { gate: "g" });
    expect((await call(lab.url)).status).toBe(200);
  });

  it("show requests without keys, and delete them on reset", async () => {
    await call(lab.url, { headers: { authorization: "Bearer test-key", "x-api-key": "test-key" } });
    const seen = await get(lab.url, "/lab/requests");
    expect(seen.text).not.toContain("test-key");
    expect(json(seen).requests).toMatchObject([{ model: "m", outcome: "finished", body: chat() }]);
    await control("reset");
    expect(json(await get(lab.url, "/lab/requests"))).toEqual({ requests: [] });
  });

  it.each([
    ["behave", { model: "m", behaviour: "helthy" }, 'unknown behaviour "helthy"'],
    ["behave", { model: "m" }, 'name a "behaviour"'],
    ["behave", { behaviour: "healthy" }, '"model" must be text'],
    [
      "behave",
      { model: "m", behaviour: "cut", options: { affter: 1 } },
      'unknown option "affter"; known: after, reset',
    ],
    ["behave", { model: "m", behaviour: "cut", options: { after: "1" } }, 'option "after" must be a number'],
    [
      "behave",
      { model: "m", behaviour: "compressed", options: { encoding: "zip" } },
      "one of gzip, br, deflate",
    ],
    ["behave", { model: "m", behaviour: "constructor" }, "unknown behaviour"],
    ["script", { model: "m", behaviours: [] }, '"behaviours" must be a list'],
  ])("%s %j is refused with a message", async (path, body, words) => {
    const seen = await control(path, body);
    expect(seen.status).toBe(400);
    expect(json(seen).error).toContain(words);
  });

  it("answer 404 for unknown routes, and are off by default", async () => {
    expect((await control("nothing")).status).toBe(404);
    const plain = await startLab();
    const seen = await get(plain.url, "/lab/requests");
    await plain.close();
    expect(seen.status).toBe(404);
  });
});

describe("the registry", () => {
  it("lists every behaviour under its exported name", async () => {
    const listed = asObject(json(await get(lab.url, "/lab/behaviours"))).behaviours;
    expect(listed).toEqual(Object.keys(FACTORIES));
    for (const name of Object.keys(FACTORIES)) {
      expect(behaviourFrom(name, () => lab.gate()).name).toBe(name);
      expect(typeof Reflect.get(exported, name)).toBe("function");
    }
  });

  it("has every exported behaviour", () => {
    const helpers = [
      "startLab",
      "createGate",
      "behaviour",
      "answerJson",
      "goDuration",
      "limitHeaders",
      "parseExact",
    ];
    const twins = ["TWINS", "strictTwins", "twinUrl"];
    const hosts = ["HOST_FORMS", "modelHost"];
    const others = [...helpers, ...twins, ...hosts, ...Object.keys(local)];
    const functions = Object.keys(exported).filter((name) => !others.includes(name));
    expect(functions.sort()).toEqual(Object.keys(FACTORIES).sort());
  });
});
