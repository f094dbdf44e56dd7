import { describe, expect, it } from "vitest";
import { checkAddress, isNearHost } from "./address.ts";

describe("a near host", () => {
  it.each([
    "localhost",
    "gpu-1",
    "my_box",
    "OLLAMA",
    "127.0.0.1",
    "127.255.1.99",
    "10.0.0.2",
    "10.255.255.255",
    "192.168.0.1",
    "172.16.0.1",
    "172.19.0.1",
    "172.20.0.1",
    "172.29.255.1",
    "172.30.0.1",
    "172.31.0.1",
    "[::1]",
    "[fc00::1]",
    "[FD12:3456::1]",
    "box.local",
    "a.b.internal",
    "nas.lan",
    "tv.home.arpa",
    "my_box.local",
    "1.local",
  ])("is %s", (host) => {
    expect(isNearHost(host)).toBe(true);
  });

  it.each([
    "example.com",
    "8.8.8.8",
    "1127.0.0.1",
    "127.0.0.1.example.com",
    "127.0.0",
    "127.0.0.1.2",
    "127.0.0.1234",
    "110.0.0.2",
    "10.0.0",
    "10.0.0.2.example.com",
    "192.168.1",
    "192.169.1.1",
    "172.15.0.1",
    "172.32.0.1",
    "172.160.0.1",
    "172.16.0",
    "[::12]",
    "[fe80::1]",
    "[fc00::g]",
    "x[::1]",
    "[::1]x",
    "box.locals",
    "box.local.example.com",
    "local.example",
    "homexarpa.example",
    "box.homexarpa",
    "1",
    "-box",
    "bo!x",
    "bo!x.local",
    "",
  ])("is not %j", (host) => {
    expect(isNearHost(host)).toBe(false);
  });
});

describe("an address", () => {
  const check = (text: string | undefined, anyHttp = false) => checkAddress(text, "P_BASE_URL", anyHttp);
  const lacks = (why: string) => ({ variable: "P_BASE_URL", why });

  it.each([
    ["https://far.example/v1", "https://far.example/v1"],
    ["https://far.example/v1/", "https://far.example/v1"],
    ["https://far.example///", "https://far.example"],
    ["http://localhost:80/a//b/", "http://localhost:80/a//b"],
    ["http://[::1]:11434", "http://[::1]:11434"],
  ])("%s is %s, without slashes at its end", (text, url) => {
    expect(check(text)).toEqual({ url });
  });

  it("is missing, or no URL of the web without a query, a fragment or a user", () => {
    expect(check(undefined)).toEqual(lacks("missing"));
    for (const text of [
      "",
      "far.example",
      "ftp://far.example",
      "https://far.example/?a=1",
      "https://far.example/#a",
      "https://me@far.example/",
      "https://me:word@far.example/",
    ])
      expect(check(text, true), text).toEqual(lacks("not-a-url"));
  });

  it("takes no key over plain http to a far host", () => {
    expect(check("http://far.example/v1")).toEqual(lacks("not-https"));
    expect(check("http://far.example/v1", true)).toEqual({ url: "http://far.example/v1" });
  });
});
