/**
 * Leaves out sentences for people. A sentence may be worded otherwise and mean the same, and no test is to repeat it
 * word for word. A name, a code or a key has no two spaces in it, so it is mutated.
 */
import { declareValuePlugin, PluginKind } from "@stryker-mutator/api/plugin";

const WORDS = /[a-z,:;.)]+ [a-z]+ [a-z(]+/i;

/** @param {{ node: { type: string, value?: string, quasis?: { value: { cooked: string } }[] } }} path */
function shouldIgnore({ node }) {
  const text =
    node.type === "StringLiteral"
      ? (node.value ?? "")
      : node.type === "TemplateLiteral"
        ? (node.quasis ?? []).map((part) => part.value.cooked).join("x")
        : "";
  return WORDS.test(text) ? "a sentence for people" : undefined;
}

export const strykerPlugins = [declareValuePlugin(PluginKind.Ignore, "prose", { shouldIgnore })];
