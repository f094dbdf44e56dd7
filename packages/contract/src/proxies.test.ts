import { expect, it } from "vitest";
import { readProxies } from "./proxies.ts";

it("reads no proxy from an environment without one", () => {
  expect(readProxies({})).toBeUndefined();
  expect(readProxies({ HTTP_PROXY: " ", https_proxy: "", NO_PROXY: "a" })).toBeUndefined();
});

it("prefers the lower-case names, and takes an address without a scheme", () => {
  expect(
    readProxies({
      HTTP_PROXY: "http://upper:1",
      http_proxy: "lower:2",
      HTTPS_PROXY: "https://s:3",
      no_proxy: "x,.y",
    }),
  ).toEqual({
    http: { variable: "http_proxy", url: "http://lower:2" },
    https: { variable: "HTTPS_PROXY", url: "https://s:3" },
    none: "x,.y",
  });
});

it.each([{ HTTP_PROXY: "socks5://user:hidden@p:1" }, { https_proxy: "http://user:hidden@:x" }])(
  "names the variable of a value that is no proxy's URL, and never shows it: %j",
  (env) => {
    const [name = ""] = Object.keys(env);
    expect(() => readProxies(env)).toThrow(name);
    expect(() => readProxies(env)).toThrow(expect.not.stringContaining("hidden"));
  },
);
