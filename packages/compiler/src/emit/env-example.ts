/** `.env.example`: every flag, key, address and option there is, each with a comment. */
import {
  type BringUpWay,
  bringUpWays,
  type Catalog,
  type CatalogProvider,
  INSTANCE_OPERATIONS,
  instanceVariables,
  OPTIONS,
  type OptionSpec,
} from "@headgate/contract";
import type { InstalledAdapter } from "../load/adapters.ts";
import { operationCounts, plural, TIERS } from "./words.ts";

interface EnvLine {
  /** Each becomes a comment of its own, wrapped. */
  readonly comments: readonly string[];
  /** As written in the file: `NAME=value`, or commented out where the default is right for most. */
  readonly line: string;
}

/** What belongs together: one provider, or one option. */
interface EnvBlock {
  readonly lines: readonly EnvLine[];
}

interface EnvSection {
  readonly title: string;
  readonly blocks: readonly EnvBlock[];
}

export interface EnvExampleView {
  readonly sections: readonly EnvSection[];
}

export function envExampleView(catalog: Catalog, adapters: readonly InstalledAdapter[]): EnvExampleView {
  const inProcess = new Set(
    adapters.filter(({ transport }) => transport === "in-process").map(({ adapter }) => adapter),
  );
  const needsNothing = (provider: CatalogProvider): boolean => inProcess.has(provider.adapter);
  const section = (title: string, providers: readonly CatalogProvider[]): EnvSection => ({
    title,
    blocks: providers.map((provider) => ({ lines: providerLines(provider, needsNothing(provider)) })),
  });
  const sections = [
    section("Works at once: no key, no network", catalog.providers.filter(needsNothing)),
    ...TIERS.map(({ tier, title, meaning }) =>
      section(
        `${title}: ${meaning}`,
        catalog.providers.filter((provider) => provider.tier === tier && !needsNothing(provider)),
      ),
    ),
    { title: "The gateway's own options: here the shell wins over this file", blocks: optionBlocks() },
  ];
  return { sections: sections.filter(({ blocks }) => blocks.length > 0) };
}

/** What works without anything else is on, so that a clone answers; all else is off. */
function providerLines(provider: CatalogProvider, on: boolean): EnvLine[] {
  const { id, name, summary, flag, auth, baseUrl, modelsEnv, models, instances, signup, local, plans } =
    provider;
  const lines: EnvLine[] = [
    {
      comments: [
        `${name}: ${summary}`,
        instances === undefined
          ? `${plural(models.length, "model")} (${operationCounts(models)}); see docs/providers.md#${id}.`
          : `See docs/providers.md#${id}.`,
      ],
      line: `${flag}=${on ? 1 : 0}`,
    },
  ];
  if (instances !== undefined) {
    const first = instanceVariables(instances.prefix, 1);
    lines.push(
      { comments: ["The first server's address."], line: `# ${first.baseUrl}=http://127.0.0.1:8000/v1` },
      { comments: ["Its key, only if it asks for one."], line: `# ${first.apiKey}=` },
      {
        comments: [
          `Its models, by the ids it knows them by. One that is not for chat has its operation behind the last colon: ${listed(INSTANCE_OPERATIONS.slice(1))}. Further servers: ${instanceVariables(instances.prefix, 2).baseUrl}, and so on.`,
        ],
        line: `# ${first.models}=model-a,my-embed:embedding`,
      },
      ...(local === undefined
        ? []
        : [
            {
              comments: ["What the largest of them takes when it is loaded, so that it can be planned with."],
              line: `# ${first.memory}=cuda 6 GB`,
            },
          ]),
    );
  }
  if (auth !== undefined) {
    const from = signup === undefined ? "" : `, from ${signup}`;
    lines.push({
      comments: [
        `${auth.optional ? "A key, only if the server asks for one" : "Its key"}${from}; further ones take turns: ${auth.env}_2, _3, and so on.`,
      ],
      line: `${auth.env}=`,
    });
  }
  if (plans !== undefined) {
    const choices = Object.entries(plans.choices).map(
      ([plan, { description }]) => `${plan} (${description})`,
    );
    lines.push({
      comments: [`Its account's plan, where its limits are others: ${choices.join(" or ")}.`],
      line: `# ${plans.env}=${Object.keys(plans.choices)[0] ?? ""}`,
    });
  }
  if (baseUrl !== undefined) {
    lines.push(
      baseUrl.default === undefined
        ? { comments: ["Where its server is; there is no default."], line: `${baseUrl.env}=` }
        : { comments: ["Only if it is somewhere else:"], line: `# ${baseUrl.env}=${baseUrl.default}` },
    );
  }
  if (local?.bringUp !== undefined) {
    const { env, default: way } = local.bringUp;
    const others = bringUpWays(local.bringUp).filter((other) => other !== way);
    if (others.length > 0) {
      lines.push({
        comments: [
          `How it comes up, where not as ${WAYS[way]}: ${others.map((other) => `${other} (${WAYS[other]})`).join(" or ")}.`,
        ],
        line: `# ${env}=${others[0] ?? way}`,
      });
    }
  }
  if (modelsEnv !== undefined) {
    const some = models.slice(0, 2).map(({ upstream }) => upstream);
    const own = local?.driver === "ollama";
    lines.push({
      comments: [
        own
          ? "Only to offer some of its models, among them your own; * offers all that it has, as one does that runs already:"
          : "Only to offer some of its models:",
      ],
      line: `# ${modelsEnv}=${own ? [...some.slice(0, 1), "hermes3:8b"].join(",") : some.join(",")}`,
    });
  }
  return lines;
}

const listed = (names: readonly string[]): string =>
  `${names.slice(0, -1).join(", ")} or ${names.at(-1) ?? ""}`;

const WAYS = {
  external: "one that runs already",
  compose: "a container",
  process: "a program that Headgate starts",
} as const satisfies Record<BringUpWay, string>;

const UNITS: Partial<Record<OptionSpec["kind"], string>> = {
  "duration-ms": " In milliseconds.",
  bytes: " In bytes.",
};

function optionBlocks(): EnvBlock[] {
  return Object.values(OPTIONS).map(({ env, kind, description, default: value }: OptionSpec) => ({
    lines: [{ comments: [`${description}${UNITS[kind] ?? ""}`], line: `# ${env}=${value ?? ""}` }],
  }));
}
