/** `headgate service`: the gateway as a service of the user's session, by systemd or launchd. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { findTraces } from "./background/place.ts";
import { absolute } from "./background/start.ts";
import { type Cli, EXIT, Failure } from "./cli.ts";
import { ENTRY } from "./place.ts";
import { argumentsOf, type ServeOptions } from "./serve/setup.ts";
import { makeStateDir } from "./state-dir.ts";

export interface ServiceOptions extends ServeOptions {
  readonly print?: true;
}

/** What the unit runs, and with which variables of the user's shell. */
export interface ServiceCommand {
  readonly program: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly log: string;
}

export interface Manager {
  readonly file: string;
  readonly text: (command: ServiceCommand) => string;
  readonly enable: readonly (readonly string[])[];
  readonly disable: readonly (readonly string[])[];
  readonly logs: string;
}

const LABEL = "dev.headgate.gateway";

/** Values in double quotes; `%` and `$` mean something in a unit: https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html#Command%20lines */
const systemdWord = (text: string): string =>
  `"${text.replace(/[\\"]/g, "\\$&").replaceAll("%", "%%").replaceAll("$", "$$$$")}"`;

export const systemdUnit = ({ program, environment }: ServiceCommand): string =>
  [
    "# Written by headgate service install.",
    "[Unit]",
    "Description=Headgate, one endpoint in front of many LLM accounts",
    "After=network-online.target",
    "",
    "[Service]",
    `ExecStart=${program.map(systemdWord).join(" ")}`,
    ...Object.entries(environment).map(
      ([name, value]) => `Environment=${systemdWord(`${name}=${value}`).replaceAll("$$", "$")}`,
    ),
    "Restart=on-failure",
    "RestartSec=5",
    "# Running requests have time to end.",
    "TimeoutStopSec=45",
    "NoNewPrivileges=yes",
    "",
    "[Install]",
    "WantedBy=default.target",
    "",
  ].join("\n");

const xml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** https://developer.apple.com/library/archive/documentation/MacOSX/Conceptual/BPSystemStartup/Chapters/CreatingLaunchdJobs.html */
export const launchdPlist = ({ program, environment, log }: ServiceCommand): string =>
  [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    "<!-- Written by headgate service install. -->",
    '<plist version="1.0">',
    "<dict>",
    "  <key>Label</key>",
    `  <string>${LABEL}</string>`,
    "  <key>ProgramArguments</key>",
    "  <array>",
    ...program.map((word) => `    <string>${xml(word)}</string>`),
    "  </array>",
    "  <key>EnvironmentVariables</key>",
    "  <dict>",
    ...Object.entries(environment).flatMap(([name, value]) => [
      `    <key>${xml(name)}</key>`,
      `    <string>${xml(value)}</string>`,
    ]),
    "  </dict>",
    "  <key>RunAtLoad</key>",
    "  <true/>",
    "  <key>KeepAlive</key>",
    "  <dict>",
    "    <key>SuccessfulExit</key>",
    "    <false/>",
    "  </dict>",
    "  <key>StandardOutPath</key>",
    `  <string>${xml(log)}</string>`,
    "  <key>StandardErrorPath</key>",
    `  <string>${xml(log)}</string>`,
    "</dict>",
    "</plist>",
    "",
  ].join("\n");

/** @throws {Failure} on a system that has neither */
export function managerOf(
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>,
  uid: number,
): Manager {
  const home = env.HOME ?? homedir();
  if (platform === "darwin") {
    const file = join(home, "Library", "LaunchAgents", `${LABEL}.plist`);
    return {
      file,
      text: launchdPlist,
      enable: [["launchctl", "bootstrap", `gui/${uid}`, file]],
      disable: [["launchctl", "bootout", `gui/${uid}/${LABEL}`]],
      logs: "headgate logs",
    };
  }
  if (platform !== "linux")
    throw new Failure(
      "services are installed by systemd on Linux and launchd on macOS; use headgate start here",
    );
  const config = env.XDG_CONFIG_HOME;
  const base = config !== undefined && isAbsolute(config) ? config : join(home, ".config");
  return {
    file: join(base, "systemd", "user", "headgate.service"),
    text: systemdUnit,
    enable: [
      ["systemctl", "--user", "daemon-reload"],
      ["systemctl", "--user", "enable", "--now", "headgate.service"],
    ],
    disable: [["systemctl", "--user", "disable", "--now", "headgate.service"]],
    logs: "journalctl --user --unit headgate --follow",
  };
}

export function installService(cli: Cli, options: ServiceOptions): number {
  const { traces, place } = findTraces(cli, options);
  const manager = managerOf(process.platform, cli.env, process.getuid?.() ?? 0);
  // A service starts in no folder of the user's, so a checkout is named; without one the configuration folder is the home.
  const given = absolute(cli, { ...options, ...(place.builtIn ? {} : { root: place.root }) });
  const text = manager.text({
    program: [process.execPath, "--", ENTRY, "serve", ...argumentsOf(given)],
    environment: Object.fromEntries(
      SHELL_VARIABLES.flatMap((name) => (cli.env[name] === undefined ? [] : [[name, cli.env[name]]])),
    ),
    log: traces.log,
  });
  if (options.print === true) {
    cli.out(text);
    return EXIT.ok;
  }
  if (/[\\/]_npx[\\/]/.test(ENTRY))
    throw new Failure(
      `${ENTRY} is in npx's cache, which npm may empty; install the package into a folder or globally first`,
    );
  makeStateDir(traces.stateDir);
  mkdirSync(dirname(manager.file), { recursive: true });
  writeFileSync(manager.file, text, { mode: 0o600 });
  cli.err(`wrote ${manager.file}`);
  if (!runAll(cli, manager.enable)) return EXIT.failed;
  cli.err(`the service runs, and starts with your session; log: ${manager.logs}`);
  return EXIT.ok;
}

/** What local backends are found by, and where the home and the cache are. No key is written into a unit. */
const SHELL_VARIABLES = ["PATH", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"];

export function uninstallService(cli: Cli): number {
  const manager = managerOf(process.platform, cli.env, process.getuid?.() ?? 0);
  if (!existsSync(manager.file)) {
    cli.err("no service is installed");
    return EXIT.ok;
  }
  const done = runAll(cli, manager.disable);
  rmSync(manager.file);
  cli.err(`deleted ${manager.file}`);
  return done ? EXIT.ok : EXIT.failed;
}

/** @returns false after the first that fails, which is named with its message and what is left to run */
function runAll(cli: Cli, commands: Manager["enable"]): boolean {
  for (const [at, [program = "", ...args]] of commands.entries()) {
    const { status, stderr, error } = spawnSync(program, args, {
      encoding: "utf8",
      env: cli.env as NodeJS.ProcessEnv,
    });
    if (status === 0) continue;
    const why = (error?.message ?? stderr.trim().split("\n")[0] ?? "") || `exit code ${status}`;
    const left = commands.slice(at).map((words) => words.join(" "));
    cli.err(`headgate: ${program} failed: ${why}\nheadgate: run in your session: ${left.join(" && ")}`);
    return false;
  }
  return true;
}
