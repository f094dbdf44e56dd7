import { describe, expect, it } from "vitest";
import { CATALOG, model, provider } from "../testing/catalog.ts";
import { providersView } from "./providers-doc.ts";
import { render } from "./templates.ts";

const textOf = (catalog = CATALOG): string => render("providers.md", providersView(catalog));

describe("docs/providers.md", () => {
  it("has a row for every provider with its flag, tier, operations, limits and limits page", () => {
    const text = textOf();
    expect(text).toContain(
      "| [Acme](#acme) | `ACME=1` | free | 1 chat, 1 speech | 1,000 requests/day · $0.10/month ? per IP address · 1 at a time per model (chat) · per model, see below | [page](https://acme.example/limits) |",
    );
    expect(text).toContain("| [Box](#box) | `BOX=1` | local | 1 embedding | your hardware |  |");
    expect(text).toContain('<a id="acme"></a>');
  });

  it("says first what is wrong with a provider, and offers no flag for one that cannot be used", () => {
    const since = "2026-07-30";
    const text = textOf({
      ...CATALOG,
      providers: [
        provider({ id: "gone", status: { state: "unusable", reason: "it was retired", since } }),
        provider({ id: "poor", status: { state: "limited", reason: "credits run out", since } }),
      ],
    });
    expect(text).toContain("| [gone](#gone) | unusable | free |");
    expect(text).toContain("- **Cannot be used** since 2026-07-30: it was retired.\n- Key: none");
    expect(text).toContain("- **Limited** since 2026-07-30: credits run out.\n- Switch it on: `POOR=1`");
  });

  it("has a row for every model, marks what is unverified or unserved, and leaves out columns without a value", () => {
    const text = textOf();
    expect(text).toContain(
      [
        "| Alias | Upstream id | Operation | Tier | Context | Longest answer | Capabilities | Limits | Notes |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        "| `acme-large` | `vendor/acme-large` | chat | free | 131,072 ? | 8,192 | json, tools | 6,000 tokens/minute | either \\| or |",
        "| `acme-voice` | `vendor/acme-voice` | speech † | paid |  |  |  |  |  |",
        "",
        "† No adapter serves speech here yet.",
      ].join("\n"),
    );
    expect(text).toContain("| `box-bge` | `vendor/box-bge` | embedding | bge-m3 | 1,024 | 2.6 GB VRAM |");
  });

  it("says limits in words, with what they are counted per and when they reset", () => {
    const text = textOf();
    expect(text).toContain("- 1,000 requests/day for the whole account; resets at 00:00 UTC\n");
    expect(text).toContain("- $0.10/month ? for each IP address. Ten cents.\n");
    expect(text).toContain("- 1 at a time for each model; chat only; shared by `*:free`\n");
  });

  it("shows chains, groups, longer windows and dated sources", () => {
    const text = textOf();
    expect(text).toContain("| `acme-large` | `demo` |");
    expect(text).toContain("| `acme-voice` | no fallback |");
    expect(text).toContain("| `fast-mode` | The fast ones. | `acme-large` → `demo` |");
    expect(text).toContain("| `slow-mode` | Slow. | `demo`, then `fast-mode` |");
    expect(text).toContain("| `acme-alone` | `acme-large` | Only \\| Acme. |");
    expect(text).toContain("| `claude-*` | `fast-mode`, else `demo` |");
    expect(text).toContain("| `demo` | `acme-large` |");
    expect(text).toContain(
      "- models: <https://acme.example/models>, 2026-11-21\n- unverified: limits: a letter, 2026-11-20\n",
    );
  });

  it("turns HTML in a fragment's words into text, and keeps notes as the Markdown they are", () => {
    const text = textOf();
    expect(text).toContain("Fast &lt;b>and&lt;/b> free.");
    expect(text).toContain("First line.\n\nSecond paragraph.");
  });

  it("keeps a table's row one row whatever an upstream id is", () => {
    const odd = provider({ id: "odd", models: [model({ alias: "odd", upstream: "a|b`c" })] });
    const text = textOf({ ...CATALOG, providers: [odd], groups: [], contextWindow: {} });
    expect(text).toContain("| `odd` | `` a\\|b`c `` | chat |");
    expect(text).not.toContain("## Groups");
  });
});
