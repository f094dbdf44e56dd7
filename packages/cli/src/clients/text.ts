/** Clients as text. */
import type { ClientRules, ClientView } from "@headgate/contract";
import { alignColumns } from "../table.ts";

export function clientsText(clients: readonly ClientView[]): string {
  if (clients.length === 0)
    return "no clients yet: the operator's key is the only one. headgate clients add <name> adds one.";
  const rows = clients.map((client) => [
    client.name,
    client.state,
    (client.rules.models ?? ["every model"]).join(","),
    limitsText(client.rules),
    client.expires_at?.slice(0, 10) ?? "-",
  ]);
  return alignColumns([["CLIENT", "STATE", "MODELS", "LIMITS", "EXPIRES"], ...rows]);
}

export function clientText(client: ClientView): string {
  const { rules } = client;
  const lines: [string, string | null | undefined][] = [
    ["client", `${client.name} (${client.id})`],
    ["state", client.state],
    ["models", (rules.models ?? ["every model"]).join(", ")],
    [
      "map",
      rules.map &&
        Object.entries(rules.map)
          .map(([from, to]) => `${from}=${to}`)
          .join(", "),
    ],
    ["limits", limitsText(rules)],
    ["created", client.created_at],
    ["expires", client.expires_at],
    ["revoked", client.revoked_at],
    ["old key until", client.old_key_until],
  ];
  return alignColumns(
    lines.flatMap(([name, value]) => (value === null || value === undefined ? [] : [[name, value]])),
  );
}

/** As the options of `add` state them. */
function limitsText({
  rpm,
  rpd,
  tpm,
  tpd,
  concurrency,
  spend,
  tiers,
  no_training,
  priority,
  cache,
}: ClientRules): string {
  const parts = [
    rpm && `${rpm} rpm`,
    rpd && `${rpd} rpd`,
    tpm && `${tpm} tpm`,
    tpd && `${tpd} tpd`,
    concurrency && `${concurrency} at once`,
    spend,
    tiers && `tier ${tiers.join("+")}`,
    no_training && "no training",
    priority,
    cache && `cache ${cache}`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? "none" : parts.join(", ");
}
