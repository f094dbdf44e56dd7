/** Base URLs that are addresses of something else. */
import { isNearHost } from "@headgate/contract";
import type { LinkedFragment } from "../link/workspace.ts";
import { quote } from "../quote.ts";
import type { Lint } from "./lint.ts";

/** Routes that documentation shows whole, and that an adapter adds by itself. */
const ENDPOINT =
  /\/(chat\/completions|completions|responses|embeddings|messages|models|rerank|moderations|images\/generations|audio\/(speech|transcriptions)|api\/(chat|generate|tags|embed))$/;
const TWICE = /(\/v[0-9]+[a-z0-9]*)\1(\/|$)/;

export const endpointAddress: Lint = ({ fragments }, report) => {
  for (const { source, fields } of fragments) {
    const address = fields.base_url?.default;
    if (address === undefined) continue;
    const endpoint = ENDPOINT.exec(address)?.[0];
    const twice = TWICE.exec(address);
    if (endpoint === undefined && twice === null) continue;
    const meant =
      endpoint === undefined ? address.replace(TWICE, "$1$2") : address.slice(0, -endpoint.length);
    report.add("HG340", source, {
      message:
        endpoint === undefined
          ? `The address names ${quote(twice?.[1])} twice.`
          : `The address ends with the route ${quote(endpoint)}, which the adapter adds by itself.`,
      fix: `Write ${quote(meant)}.`,
      at: { path: ["base_url", "default"] },
    });
  }
};

/** One host belongs to one provider; the one whose id stands in the host's name owns it. */
export const borrowedHost: Lint = ({ fragments }, report) => {
  const owners = new Map<string, LinkedFragment>();
  const hosts = fragments.flatMap((fragment) => {
    const address = fragment.fields.base_url?.default;
    if (address === undefined || !URL.canParse(address)) return [];
    const { hostname } = new URL(address);
    return isNearHost(hostname) ? [] : [{ fragment, hostname }];
  });
  for (const { fragment, hostname } of hosts) {
    const owner = owners.get(hostname);
    const named = hostname.includes(fragment.id.split("-")[0] ?? fragment.id);
    if (owner === undefined || (named && !hostname.includes(owner.id))) owners.set(hostname, fragment);
  }
  for (const { fragment, hostname } of hosts) {
    const owner = owners.get(hostname);
    if (owner === undefined || owner === fragment) continue;
    report.add("HG341", fragment.source, {
      message: `${quote(hostname)} is the host of \`${owner.id}\`.`,
      fix: `Write the address of \`${fragment.id}\`, or add its models to \`${owner.id}\`.`,
      at: { path: ["base_url", "default"] },
      related: [
        {
          message: "The other address is here.",
          source: owner.source,
          at: { path: ["base_url", "default"] },
        },
      ],
    });
  }
};
