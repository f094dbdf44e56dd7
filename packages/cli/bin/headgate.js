#!/usr/bin/env node
// Plain JavaScript that any Node with modules can read, so that an old one gets a sentence instead of a stack trace.
const NEEDED_MAJOR = 24;

if (parseInt(process.versions.node, 10) < NEEDED_MAJOR) {
  console.error(
    `headgate needs Node.js ${NEEDED_MAJOR} or later, and this is ${process.versions.node}. ` +
      "In a checkout `npm install` brings the right one, and `npx headgate` uses it.",
  );
  process.exitCode = 1;
} else {
  if (process.argv[2] === "serve") keepWarm();
  start();
}

/**
 * After eight idle seconds V8 would shrink the young generation and drop compiled code, and the next burst would begin as
 * slow as the first: measured, 15,000 requests/s and a p99 of 16 ms instead of 19,000 and 4. And glibc would give each of
 * Node's threads memory of its own: 1.5 MB more at rest. Both count only from the start, so the process puts itself in its
 * own place once, where the system can do that.
 */
function keepWarm() {
  const flag = "--no-memory-reducer";
  const arenas = "2";
  if (process.execArgv.includes(flag)) {
    // Not for the backends that are started from here.
    if (process.env.MALLOC_ARENA_MAX === arenas) delete process.env.MALLOC_ARENA_MAX;
    return;
  }
  const cannot = process.send !== undefined || process.platform === "win32";
  if (cannot || typeof process.execve !== "function") return;
  const args = [process.execPath, flag, ...process.execArgv, ...process.argv.slice(1)];
  process.execve(process.execPath, args, { MALLOC_ARENA_MAX: arenas, ...process.env });
}

async function start() {
  const nodeModule = await import("node:module");
  const { existsSync } = await import("node:fs");
  nodeModule.enableCompileCache();
  const source = new URL("../src/main.ts", import.meta.url);
  // A checkout runs from its sources; what npm installs has none.
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
