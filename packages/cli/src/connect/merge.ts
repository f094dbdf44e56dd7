/** A client's file with the recipe's settings in it. Comments, order and all other settings stay. */
import { parse as parseToml, patch } from "@decimalturn/toml-patch";
import {
  applyEdits,
  findNodeAtLocation,
  getNodeValue,
  modify,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from "jsonc-parser";
import { isSeq, parseDocument } from "yaml";
import { Failure } from "../cli.ts";
import { setVariables } from "../settings/env-text.ts";
import type { Format, Setting } from "./recipe.ts";

type Tree = Record<string, unknown>;

/** @throws {Failure} naming the file, where it cannot be read as its format */
export function merge(path: string, format: Format, text: string, all: readonly Setting[]): string {
  const settings = all.filter(({ absent, at }) => absent !== true || !new RegExp(`^${at}:`, "m").test(text));
  switch (format) {
    case "json":
      return mergeJson(path, text, settings);
    case "toml":
      return mergeToml(path, text, settings);
    case "yaml":
      return mergeYaml(path, text, settings);
    case "dotenv":
      return setVariables(text, Object.fromEntries(settings.map(({ at, value }) => [at, String(value)])));
  }
}

const unreadable = (path: string, format: string, why: string): Failure =>
  new Failure(`${path} cannot be read as ${format}: ${why}; mend it, and nothing was written`);

const keysOf = ({ at }: Setting): string[] => at.split(".");

/** JSON with comments and trailing commas, as Zed and VS Code write it. */
function mergeJson(path: string, text: string, settings: readonly Setting[]): string {
  const before = text.trim() === "" ? "{}\n" : text;
  const indent = /\n([ \t]+)\S/.exec(before)?.[1] ?? "  ";
  const formattingOptions = {
    insertSpaces: !indent.includes("\t"),
    tabSize: indent.includes("\t") ? 1 : indent.length,
    eol: before.includes("\r\n") ? "\r\n" : "\n",
  };
  return settings.reduce((current, setting) => {
    const errors: ParseError[] = [];
    const tree = parseTree(current, errors, { allowTrailingComma: true });
    const [first] = errors;
    if (first !== undefined || tree?.type !== "object") {
      const line = current.slice(0, first?.offset ?? 0).split("\n").length;
      throw unreadable(
        path,
        "JSON",
        first === undefined ? "it is no object" : `${printParseErrorCode(first.error)} in line ${line}`,
      );
    }
    const at: (string | number)[] = keysOf(setting);
    const options: Parameters<typeof modify>[3] = { formattingOptions };
    if (setting.key !== undefined) {
      const list = findNodeAtLocation(tree, at);
      const entries = list === undefined ? [] : (getNodeValue(list) as Tree[]);
      if (!Array.isArray(entries)) throw unreadable(path, "JSON", `${setting.at} is no list`);
      const index = indexIn(entries, setting);
      at.push(index === -1 ? entries.length : index);
      if (index === -1) options.isArrayInsertion = true;
    }
    return applyEdits(current, modify(current, at, setting.value, options));
  }, before);
}

const indexIn = (entries: readonly Tree[], { key = "", value }: Setting): number =>
  entries.findIndex((entry) => entry?.[key] === (value as Tree)[key]);

function mergeToml(path: string, text: string, settings: readonly Setting[]): string {
  try {
    const tree = parseToml(text) as Tree;
    for (const setting of settings) {
      const keys = keysOf(setting);
      const last = keys.pop() ?? "";
      let table = tree;
      for (const key of keys) {
        table[key] ??= {};
        table = table[key] as Tree;
      }
      table[last] = setting.value;
    }
    return patch(text, tree);
  } catch (error) {
    throw unreadable(
      path,
      "TOML",
      (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "",
    );
  }
}

function mergeYaml(path: string, text: string, settings: readonly Setting[]): string {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) throw unreadable(path, "YAML", error.message.split("\n")[0] ?? "");
  for (const setting of settings) {
    const at = keysOf(setting);
    if (setting.key === undefined) {
      document.setIn(at, document.createNode(setting.value));
      continue;
    }
    const list = document.getIn(at);
    if (list === undefined || list === null) document.setIn(at, document.createNode([setting.value]));
    else if (!isSeq(list)) throw unreadable(path, "YAML", `${setting.at} is no list`);
    else {
      const index = indexIn(list.toJSON() as Tree[], setting);
      if (index === -1) list.add(document.createNode(setting.value));
      else list.set(index, document.createNode(setting.value));
    }
  }
  return document.toString({ lineWidth: 0 });
}
