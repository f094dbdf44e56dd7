import { isNearHost } from "@headgate/contract";
import { quote } from "../quote.ts";
import type { Lint } from "./lint.ts";

/** Plain http is for this machine and its network, as at resolve time; a local provider is there. */
export const plainHttp: Lint = ({ fragments }, report) => {
  for (const { source, fields } of fragments) {
    const address = fields.base_url?.default;
    if (address === undefined) continue;
    const url = URL.canParse(address) ? new URL(address) : undefined;
    if (url === undefined || url.username !== "" || url.password !== "") {
      report.add("HG205", source, {
        message: `${quote("base_url.default")} is not an address that can be used.`,
        fix: "Write scheme, host and path only, such as `https://api.example.com/v1`; a password belongs into .env.",
        at: { path: ["base_url", "default"] },
      });
      continue;
    }
    if (url.protocol !== "http:" || fields.tier === undefined || fields.tier === "local") continue;
    if (isNearHost(url.hostname)) continue;
    report.add("HG309", source, {
      message: `Requests to ${quote(url.hostname)} would go over plain http://.`,
      fix: `Write ${quote(address.replace(/^http:/, "https:"))}.`,
      at: { path: ["base_url", "default"] },
    });
  }
};
