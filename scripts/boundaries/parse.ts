/** What a TypeScript file imports and which impure globals it touches, read from its syntax tree. */
import { parseSync } from "oxc-parser";

export interface ImportSite {
  /** As written; `undefined` for a dynamic import whose name is computed. */
  readonly specifier: string | undefined;
  /** Offset in UTF-16 units. */
  readonly offset: number;
}

export interface GlobalSite {
  /** `process`, `Date.now`, `new Date()` and the like. */
  readonly name: string;
  readonly offset: number;
}

export interface ParsedFile {
  readonly imports: readonly ImportSite[];
  readonly globals: readonly GlobalSite[];
  /** The first syntax error, when the file does not parse. */
  readonly syntaxError?: string;
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly [key: string]: unknown;
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string";

const nodeAt = (node: Node, key: string): Node | undefined => {
  const value = node[key];
  return isNode(value) ? value : undefined;
};

const nameOf = (node: Node | undefined): string | undefined =>
  node?.type === "Identifier" && typeof node.name === "string" ? node.name : undefined;

const textOf = (node: Node | undefined): string | undefined =>
  node?.type === "Literal" && typeof node.value === "string" ? node.value : undefined;

/** The nodes that name a module, and the field that holds the name. */
const MODULE_FIELD: Readonly<Record<string, string>> = {
  ImportDeclaration: "source",
  ExportNamedDeclaration: "source",
  ExportAllDeclaration: "source",
  ImportExpression: "source",
  TSImportType: "source",
  TSExternalModuleReference: "expression",
};

/** Fields that hold a name without reading the variable of that name. */
const NOT_A_READ: Readonly<Record<string, string>> = {
  MemberExpression: "property",
  Property: "key",
  PropertyDefinition: "key",
  AccessorProperty: "key",
  MethodDefinition: "key",
  TSPropertySignature: "key",
  TSMethodSignature: "key",
  TSQualifiedName: "right",
  ImportSpecifier: "imported",
  ExportSpecifier: "exported",
};

/** Fields that declare the names in them. */
const DECLARES: Readonly<Record<string, readonly string[]>> = {
  VariableDeclarator: ["id"],
  FunctionDeclaration: ["id", "params"],
  FunctionExpression: ["id", "params"],
  ArrowFunctionExpression: ["params"],
  TSDeclareFunction: ["id", "params"],
  TSFunctionType: ["params"],
  TSMethodSignature: ["params"],
  ClassDeclaration: ["id"],
  CatchClause: ["param"],
  ImportSpecifier: ["local"],
  ImportDefaultSpecifier: ["local"],
  ImportNamespaceSpecifier: ["local"],
};

/**
 * @param watched names of globals (`process`) and of members of globals (`Date.now`) to report. A name that the
 * file declares anywhere counts as its own.
 */
export function parseImports(path: string, text: string, watched: ReadonlySet<string>): ParsedFile {
  const { program, errors } = parseSync(path, text, {
    lang: path.endsWith(".tsx") ? "tsx" : "ts",
    sourceType: "module",
  });
  const [error] = errors;
  if (error !== undefined) return { imports: [], globals: [], syntaxError: error.message };

  const imports: ImportSite[] = [];
  const globals: GlobalSite[] = [];
  const declared = new Set<string>();

  const declare = (value: unknown): void => {
    if (Array.isArray(value)) {
      for (const entry of value) declare(entry);
    } else if (isNode(value)) {
      const name = nameOf(value);
      if (name !== undefined) declared.add(name);
      // In patterns, defaults and computed keys are reads; only what is bound is declared.
      for (const key of ["elements", "properties", "value", "left", "argument"]) declare(value[key]);
    }
  };

  const visit = (node: Node, parent: Node | undefined, field: string): void => {
    const moduleField = MODULE_FIELD[node.type];
    if (moduleField !== undefined) {
      const source = nodeAt(node, moduleField);
      if (source !== undefined) imports.push({ specifier: textOf(source), offset: source.start });
    }
    for (const key of DECLARES[node.type] ?? []) declare(node[key]);
    const site = globalSite(node, parent, field, watched);
    if (site !== undefined) globals.push(site);
    for (const [key, value] of Object.entries(node)) {
      if (isNode(value)) visit(value, node, key);
      else if (Array.isArray(value)) for (const entry of value) if (isNode(entry)) visit(entry, node, key);
    }
  };
  visit(program as unknown as Node, undefined, "");

  const root = (name: string): string => /^(?:new )?([A-Za-z]+)/.exec(name)?.[1] ?? name;
  return { imports, globals: globals.filter(({ name }) => !declared.has(root(name))) };
}

function globalSite(
  node: Node,
  parent: Node | undefined,
  field: string,
  watched: ReadonlySet<string>,
): GlobalSite | undefined {
  const report = (name: string): GlobalSite | undefined =>
    watched.has(name) ? { name, offset: node.start } : undefined;
  if (node.type === "MemberExpression") {
    const object = nameOf(nodeAt(node, "object"));
    const property =
      node.computed === true ? textOf(nodeAt(node, "property")) : nameOf(nodeAt(node, "property"));
    // globalThis.process is process.
    if (object === "globalThis" && property !== undefined) return report(property);
    return object === undefined || property === undefined ? undefined : report(`${object}.${property}`);
  }
  if (
    (node.type === "NewExpression" || node.type === "CallExpression") &&
    nameOf(nodeAt(node, "callee")) === "Date" &&
    (node.type === "CallExpression" || (Array.isArray(node.arguments) && node.arguments.length === 0))
  ) {
    return report("new Date()");
  }
  const name = nameOf(node);
  if (name === undefined || parent === undefined) return undefined;
  if (NOT_A_READ[parent.type] === field && parent.computed !== true) return undefined;
  // A type may name a global that a value may not use.
  if (parent.type === "TSTypeReference" || parent.type === "TSQualifiedName") return undefined;
  return report(name);
}
