/**
 * The allowed imports between rooms, as data for the boundaries check.
 * A room is a folder with its own package.json (or one of the root's own folders).
 */
export interface Room {
  /** Relative to the root; a trailing `/*` makes each folder below it a room of this kind. */
  readonly dir: string;
  /** Rooms that its shipped code may import. `*` is every room. */
  readonly imports: readonly string[];
  /** Rooms that only its tests may import; tests of every room may import `upstream-lab`. */
  readonly tests?: readonly string[];
  /** A pure room does no I/O, reads no clock and draws no random number; its caller passes those in. */
  readonly pure?: boolean;
  /** Development only: it may use the root's own devDependencies. */
  readonly development?: boolean;
  /** Published as one bundle, so what it needs is in devDependencies: npm installs nothing beside it. */
  readonly bundled?: boolean;
}

export const ROOMS = {
  contract: { dir: "packages/contract", imports: [], pure: true },
  diagnostics: { dir: "packages/diagnostics", imports: [] },
  compiler: { dir: "packages/compiler", imports: ["contract", "diagnostics"] },
  "adapter-kit": { dir: "packages/adapter-kit", imports: ["contract"], pure: true },
  adapters: { dir: "packages/adapters/*", imports: ["adapter-kit", "contract"], pure: true },
  router: { dir: "packages/router", imports: ["contract"], pure: true },
  state: { dir: "packages/state", imports: ["contract"] },
  records: { dir: "packages/records", imports: ["contract", "state"] },
  resources: { dir: "packages/resources", imports: ["contract"] },
  generated: { dir: "generated", imports: ["adapters", "adapter-kit", "contract"] },
  runtime: {
    dir: "packages/runtime",
    imports: ["contract", "adapter-kit", "router", "state", "resources", "generated"],
    tests: ["compiler", "adapters"],
  },
  cli: {
    dir: "packages/cli",
    imports: ["compiler", "contract", "diagnostics", "records", "resources", "router", "runtime", "state"],
    tests: ["generated", "adapter-kit"],
    bundled: true,
  },
  dashboard: { dir: "packages/dashboard", imports: [], bundled: true },
  simulator: {
    dir: "packages/simulator",
    imports: ["contract", "adapter-kit", "router", "state", "resources", "generated"],
    development: true,
  },
  "upstream-lab": { dir: "packages/upstream-lab", imports: [] },
  scripts: {
    dir: "scripts",
    imports: ["compiler", "contract", "diagnostics", "runtime", "simulator", "upstream-lab"],
    development: true,
  },
  tests: { dir: "tests", imports: ["*"], development: true },
  bench: { dir: "bench", imports: ["*"], development: true },
} as const satisfies Record<string, Room>;

export type RoomId = keyof typeof ROOMS;

/** An allowed import that only some files may make. */
export const RESTRICTED: readonly {
  readonly from: RoomId;
  readonly to: RoomId;
  readonly only: RegExp;
  readonly why: string;
}[] = [
  {
    from: "cli",
    to: "runtime",
    only: /^packages\/cli\/src\/(commands\/serve\.ts$|init\.ts$|serve\/|facts\/|keys\/|models\/)/,
    why: "only `serve`, `init`, `keys verify`, `facts verify` and `models refresh` call upstreams; every other command must start fast",
  },
];

/** Floors inside a package, the highest first. A room is a folder or a file; rooms on one floor do not import each other. */
export const FLOORS: readonly {
  readonly dir: string;
  readonly floors: readonly (readonly string[])[];
}[] = [
  {
    dir: "packages/runtime/src",
    floors: [
      ["index.ts"],
      ["gateway.ts"],
      ["app.ts"],
      ["surfaces", "ops"],
      ["cache", "batches"],
      ["exchange"],
      ["exchange/continuation"],
      ["codec", "limits", "local", "clients"],
      ["upstream", "http"],
      ["log.ts"],
    ],
  },
  {
    dir: "packages/records/src",
    floors: [["index.ts"], ["open.ts"], ["thread", "clients", "batches"], ["store"], ["seal.ts", "place.ts"]],
  },
];

/** Import circles that still exist. Each is removed in a change of its own; the list only gets shorter. */
export const KNOWN_CIRCLES: readonly string[] = [];

/** Files that run under the test runner, though some are shipped (the contract suite of adapters is). */
export const TEST_FILE = /\.test\.tsx?$|(^|\/)(test|testing|contract-suite)\/|\/contract-suite\.ts$/;

/** Files that are not shipped at all, so no shipped file may import them. */
export const UNSHIPPED_FILE = /\.test\.tsx?$|\/(test|testing)\//;

/** Node's modules that only compute. */
export const PURE_BUILTINS: ReadonlySet<string> = new Set([
  "node:assert",
  "node:assert/strict",
  "node:buffer",
  "node:string_decoder",
  "node:util",
]);

/** Globals that do I/O, read a clock or draw a random number, and what a pure room does instead. */
export const IMPURE: ReadonlyMap<string, string> = new Map([
  ["process", "take the value as a parameter"],
  ["console", "return the text"],
  ["fetch", "leave I/O to the runtime"],
  ["WebSocket", "leave I/O to the runtime"],
  ["performance", "take nowMs as a parameter"],
  ["Date.now", "take nowMs as a parameter"],
  ["new Date()", "take nowMs as a parameter"],
  ["Math.random", "take the random number as a parameter"],
  ["crypto", "take the random bytes or the digest as a parameter"],
  ["setTimeout", "return the moment, and let the runtime wait"],
  ["setInterval", "return the moment, and let the runtime wait"],
  ["setImmediate", "return the moment, and let the runtime wait"],
]);
