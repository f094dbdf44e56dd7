/** The table of the clients' checks, docs/clients-tested.md. */

/** One check of one client. */
export interface Line {
  readonly language: "Python" | "Node";
  readonly client: string;
  readonly version?: string;
  readonly wire?: string;
  readonly check?: string;
  readonly ok?: boolean;
  readonly why?: string | null;
  /** Why the client could not run. */
  readonly skipped?: string;
}

const HEAD = `# Clients that were run

\`make clients\` runs these clients against a gateway in front of the strict twin of each wire, and writes this page. A cell counts the
checks that passed: chat, stream, structured output, a tool loop, one 429 and one 503 of the provider, a prompt that does not fit, a
stream that is cut. The client must raise an error that it or its users recognise for the last two. An agent in a terminal is asked in
one line: chat, one 429, one 503, and a prompt that does not fit.
`;

export function reportOf(lines: readonly Line[], wires: readonly string[]): string {
  const ran = Map.groupBy(
    lines.filter(({ skipped }) => skipped === undefined),
    ({ language, client }) => `${language} ${client}`,
  );
  const rows = [...ran.values()].map((own) => {
    const [first] = own;
    const cells = wires.map((wire) => {
      const checks = own.filter((line) => line.wire === wire);
      return `${checks.filter(({ ok }) => ok === true).length}/${checks.length}`;
    });
    return [first?.language, first?.client, first?.version, ...cells];
  });
  const failed = lines.filter(({ ok }) => ok === false);
  const skipped = lines.filter((line) => line.skipped !== undefined);
  return [
    HEAD,
    table([["language", "client", "version", ...wires], ...rows]),
    section(
      "Failed checks",
      failed.map(
        ({ language, client, wire, check, why }) =>
          `${language} ${client}, ${wire}, ${check}: ${plain(why ?? "")}`,
      ),
    ),
    section(
      "Not run",
      skipped.map(({ language, client, skipped: why }) => `${language} ${client}: ${plain(why ?? "")}`),
    ),
  ]
    .filter((part) => part !== "")
    .join("\n");
}

const plain = (text: string): string =>
  text
    .replaceAll(/[<>|`*_]/g, " ")
    .replaceAll(/\s+/g, " ")
    .trim()
    .slice(0, 200);

function table([head = [], ...rows]: readonly (readonly (string | undefined)[])[]): string {
  const line = (cells: readonly (string | undefined)[]): string =>
    `| ${cells.map((cell) => cell ?? "").join(" | ")} |`;
  return `${[line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n")}\n`;
}

const section = (title: string, items: readonly string[]): string =>
  items.length === 0 ? "" : `## ${title}\n\n${items.map((item) => `- ${item}`).join("\n")}\n`;

/** Whether enough clients ran, and every check passed. */
export const passes = (lines: readonly Line[], least: number): boolean =>
  new Set(lines.filter(({ ok }) => ok !== undefined).map(({ language, client }) => `${language} ${client}`))
    .size >= least && lines.every(({ ok }) => ok !== false);
