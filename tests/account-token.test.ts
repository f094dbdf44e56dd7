/** Keys that hold an account too (Cloudflare): the account goes into the address, the token into the header. */
import { healthy, type Lab, startLab, status } from "@headgate/upstream-lab";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type ProviderSketch, startGateway } from "./support/gateway.ts";

let lab: Lab;
beforeEach(async () => {
  lab = await startLab();
});
afterEach(() => lab.close());

const sketch = (path = "/client/v4/accounts/{account}/ai/v1"): ProviderSketch => ({
  id: "edge",
  baseUrl: `${lab.url}${path}`,
  auth: { scheme: "account-token" },
  keys: ["EDGE_API_TOKEN", "EDGE_API_TOKEN_2"],
  dialect: { content: { text: ["system", "user", "assistant", "tool"] } },
  models: [{ alias: "llama", upstream: "@cf/meta/llama" }],
});
const secrets = { EDGE_API_TOKEN: "acc-1:test-token-1", EDGE_API_TOKEN_2: "acc-2:test-token:2" };

it("each key reaches its own account with only its token, and text parts are joined", async () => {
  await using gateway = await startGateway([sketch()], { secrets });
  lab.script("@cf/meta/llama", [status(429, { retryAfterS: 60 }), healthy()]);
  const content = [
    { type: "text", text: "a" },
    { type: "text", text: "b" },
  ];
  const response = await gateway.chat({ model: "llama", messages: [{ role: "user", content }] });
  expect(response.status).toBe(200);
  const sent = lab.requests.map(({ path, headers }) => [path, headers.authorization]).sort();
  expect(sent).toEqual([
    ["/client/v4/accounts/acc-1/ai/v1/chat/completions", "Bearer test-token-1"],
    ["/client/v4/accounts/acc-2/ai/v1/chat/completions", "Bearer test-token:2"],
  ]);
  expect(lab.requests[0]?.body).toMatchObject({ messages: [{ role: "user", content: "a\nb" }] });
});

it("the token appears nowhere, even where the provider repeats it", async () => {
  await using gateway = await startGateway([{ ...sketch(), keys: ["EDGE_API_TOKEN"] }], { secrets });
  lab.behave("@cf/meta/llama", status(400, { message: "bad token test-token-1" }));
  const response = await gateway.chat({ model: "llama" });
  const body = await response.text();
  expect(response.status).toBe(400);
  expect(body).toContain("bad token [key]");
  expect(body + gateway.logged.join("\n")).not.toContain("test-token-1");
});

it("an address without a place for the account stays, whether the key has an account or not", async () => {
  const plain = { ...sketch("/v1"), keys: ["EDGE_API_TOKEN"] };
  for (const key of ["acc-1:test-token-1", "test-token-1"]) {
    await using gateway = await startGateway([plain], { secrets: { EDGE_API_TOKEN: key } });
    expect((await gateway.chat({ model: "llama" })).status).toBe(200);
    expect(lab.requests.at(-1)).toMatchObject({
      path: "/v1/chat/completions",
      headers: { authorization: "Bearer test-token-1" },
    });
  }
});

it("a key without an account stops the start, naming its variable and not its value", async () => {
  const start = startGateway([sketch()], { secrets: { EDGE_API_TOKEN: "test-token-only" } });
  await expect(start).rejects.toThrow(/^EDGE_API_TOKEN must be the account's id and the token/);
  await expect(start).rejects.not.toThrow(/test-token-only/);
});
