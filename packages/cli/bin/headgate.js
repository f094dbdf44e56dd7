#!/usr/bin/env -S node --
// `--`: node would take `--env-file` of the command line for its own option.
// Plain JavaScript that every Node with modules can parse, so that an old one prints a sentence instead of a stack trace.
const NEEDED_MAJOR = 24;

if (parseInt(process.versions.node, 10) < NEEDED_MAJOR) {
  console.error(
    `headgate needs Node.js ${NEEDED_MAJOR} or later, and this is ${process.versions.node}; install it from https://nodejs.org. ` +
      "In a checkout `npm install` installs the right one for `npx headgate`.",
  );
  process.exitCode = 1;
} else {
  if (process.argv[2] === "serve") keepWarm();
  start();
}

/**
 * After eight idle seconds V8 would shrink the young generation and drop compiled code, and the next burst would start as
 * slowly as the first: measured, 15,000 requests/s and a p99 of 16 ms instead of 19,000 and 4 ms. What the start allocates
 * lives long, and V8 would conclude that what requests allocate in the same places does, too: in half of all starts 9 of 45 MB
 * of requests stayed until the next full collection. And glibc would give each of Node's threads its own memory arena: 1.5 MB
 * more when idle. The settings apply only at start, so the process executes itself again once, where the system can do that.
 */
function keepWarm() {
  const flags = ["--no-memory-reducer", "--no-allocation-site-pretenuring"];
  const arenas = "2";
  if (flags.every((flag) => process.execArgv.includes(flag))) {
    // Backends that this process starts must not inherit it.
    if (process.env.MALLOC_ARENA_MAX === arenas) delete process.env.MALLOC_ARENA_MAX;
    return;
  }
  const cannot = process.send !== undefined || process.platform === "win32";
  if (cannot || typeof process.execve !== "function") return;
  const args = [process.execPath, ...flags, ...process.execArgv, "--", ...process.argv.slice(1)];
  process.execve(process.execPath, args, { MALLOC_ARENA_MAX: arenas, ...process.env });
}

async function start() {
  const nodeModule = await import("node:module");
  const { existsSync } = await import("node:fs");
  nodeModule.enableCompileCache();
  const source = new URL("../src/main.ts", import.meta.url);
  // A checkout runs from its sources; an installed package has none.
  const inCheckout = existsSync(source);
  if (inCheckout) {
    nodeModule.registerHooks({
      resolve: (specifier, context, next) =>
        next(
          specifier,
          specifier.startsWith("@headgate/")
            ? { ...context, conditions: [...context.conditions, "@headgate/source"] }
            : context,
        ),
    });
  }
  const { main } = await import(inCheckout ? source : new URL("../dist/main.js", import.meta.url));
  process.exitCode = await main(process.argv.slice(2), process);
}
