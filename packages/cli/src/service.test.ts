import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { launchdPlist, managerOf, systemdUnit } from "./service.ts";
import { runMain } from "./testing/run-main.ts";

const command = {
  program: ["/opt/node 24/bin/node", "/opt/50%/head$gate.js", "serve", "--port", "4001"],
  environment: { PATH: "/usr/bin:/opt/$x" },
  log: "/home/a&b/gateway.log",
};

describe("headgate service", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "headgate-service-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("writes a unit in which blanks, % and $ mean themselves", () => {
    const unit = systemdUnit(command);
    expect(unit).toContain(
      'ExecStart="/opt/node 24/bin/node" "/opt/50%%/head$$gate.js" "serve" "--port" "4001"\n',
    );
    expect(unit).toContain('Environment="PATH=/usr/bin:/opt/$x"\n');
    expect(unit).toContain("Restart=on-failure\n");
  });

  const verifies = spawnSync("systemd-analyze", ["--version"]).status === 0;
  it.skipIf(!verifies)("that systemd understands (skipped without systemd-analyze)", () => {
    const file = join(folder, "headgate.service");
    writeFileSync(file, systemdUnit({ ...command, program: ["/bin/true", "a b", "%", "$x"] }));
    const { stderr, status } = spawnSync("systemd-analyze", ["verify", "--user", file], {
      encoding: "utf8",
      env: { ...process.env, XDG_RUNTIME_DIR: folder },
    });
    expect([stderr, status]).toEqual(["", 0]);
  });

  const reads = spawnSync("python3", ["--version"]).status === 0;
  it.skipIf(!reads)("writes a property list that Python's own reader takes (skipped without python3)", () => {
    const { stdout, status } = spawnSync(
      "python3",
      ["-c", "import plistlib,sys,json; print(json.dumps(plistlib.loads(sys.stdin.buffer.read())))"],
      { input: launchdPlist(command), encoding: "utf8" },
    );
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ProgramArguments: command.program,
      EnvironmentVariables: command.environment,
      StandardErrorPath: command.log,
    });
  });

  it("prints the unit, or writes it for the owner and says what to run where no session is there", async () => {
    const env = { XDG_CONFIG_HOME: folder, HOME: folder, PATH: join(folder, "nothing") };
    const run = (...args: string[]) => runMain(["service", ...args], { cwd: folder, env });
    expect((await run("install", "--print", "--port", "4001")).stdout).toContain('"--port" "4001"');
    const { file } = managerOf("linux", env, 1);
    expect(statSync(file, { throwIfNoEntry: false })).toBeUndefined();
    if (process.platform !== "linux") return;
    const installed = await run("install");
    expect(installed).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(
        "run in your session: systemctl --user daemon-reload && systemctl --user enable",
      ),
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await run("uninstall");
    expect(statSync(file, { throwIfNoEntry: false })).toBeUndefined();
    expect(await run("uninstall")).toMatchObject({ code: 0, stderr: "no service is installed\n" });
  });

  it("names the file of each system, and refuses others", () => {
    expect(managerOf("darwin", { HOME: "/Users/a" }, 501)).toMatchObject({
      file: "/Users/a/Library/LaunchAgents/dev.headgate.gateway.plist",
      enable: [
        ["launchctl", "bootstrap", "gui/501", "/Users/a/Library/LaunchAgents/dev.headgate.gateway.plist"],
      ],
    });
    expect(() => managerOf("win32", {}, 0)).toThrow("use headgate start here");
  });
});
