import { expect, it } from "vitest";
import { routePath, spellings } from "./route-path.ts";

it.each([
  ["/v1/chat/completions", "/v1/chat/completions"],
  ["/chat/completions", "/v1/chat/completions"],
  ["/v1/v1/chat/completions", "/v1/chat/completions"],
  ["/v1/v1/v1/models", "/v1/models"],
  ["/models?limit=5", "/v1/models?limit=5"],
  ["/models/groq/llama", "/v1/models/groq/llama"],
  ["/messages?beta=true", "/v1/messages?beta=true"],
  ["/v1/v1beta/models", "/v1beta/models"],
  ["/v2/rerank", "/v1/rerank"],
  ["/v2/chat", "/v2/chat"],
  ["/v1beta/models/m:generateContent", "/v1beta/models/m:generateContent"],
  ["/api/chat", "/api/chat"],
  ["/admin/cooldowns", "/admin/cooldowns"],
  ["/modelsx", "/modelsx"],
  ["/", "/"],
  ["", ""],
])("routes %s as %s", (url, expected) => {
  expect(routePath(url)).toBe(expected);
});

it("names every spelling of a path, and each is routed as the path", () => {
  const path = "/v1/responses";
  expect(spellings(path)).toEqual([path, "/responses", "/v1/v1/responses"]);
  for (const one of spellings(path)) expect(routePath(one)).toBe(path);
  expect(spellings("/api/chat")).toEqual(["/api/chat"]);
});
