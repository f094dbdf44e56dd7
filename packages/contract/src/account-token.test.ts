import { describe, expect, it } from "vitest";
import { splitAccountToken } from "./account-token.ts";

describe("a key of the form account:token", () => {
  it("is parted at the first colon", () => {
    expect(splitAccountToken("acc:token")).toEqual({ account: "acc", token: "token" });
    expect(splitAccountToken("a:b:c")).toEqual({ account: "a", token: "b:c" });
  });

  it.each(["", ":", "acc", "acc:", ":token", "t"])("is none where a half is missing: %j", (key) => {
    expect(splitAccountToken(key)).toBeUndefined();
  });
});
