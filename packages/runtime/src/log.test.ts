import { expect, it } from "vitest";
import { createLog } from "./log.ts";

const logged = (
  level: Parameters<typeof createLog>[0],
  write: (log: ReturnType<typeof createLog>) => void,
): string[] => {
  const lines: string[] = [];
  write(createLog(level, (line) => lines.push(line)));
  return lines;
};

it("writes what the level lets through, one line a message", () => {
  const write = (log: ReturnType<typeof createLog>): void => {
    log.error("e");
    log.warn("w", { n: 1, missing: undefined });
    log.info("i", { via: "groq/x", why: "two words" });
    log.debug("d");
  };
  expect(logged("info", write)).toEqual(["error e", "warn  w n=1", 'info  i via=groq/x why="two words"']);
  expect(logged("silent", write)).toEqual([]);
  expect(logged("debug", write)).toHaveLength(4);
});

it("lets no text forge a line or move the cursor", () => {
  const [line] = logged("info", (log) => log.info("a\nerror forged", { m: "x\r\n\u001b[2Jy\u2028z" }));
  expect(line).toBe("info  a·error forged m=x··\u00b7[2Jy·z".replace("\u00b7\u00b7\u00b7", "···"));
  expect(line).not.toMatch(/[\p{Cc}]/u);
});

it("writes JSON with time and level, whatever a text holds", () => {
  const lines: string[] = [];
  const log = createLog("info", (line) => lines.push(line), { format: "json" });
  log.warn("two\nlines", { via: "groq/x", n: 2, missing: undefined });
  log.debug("not written");
  expect(lines).toHaveLength(1);
  const { time, ...rest } = JSON.parse(lines[0] ?? "") as { time: string };
  expect(rest).toEqual({ level: "warn", msg: "two\nlines", via: "groq/x", n: 2 });
  expect(Math.abs(Date.parse(time) - Date.now())).toBeLessThan(60_000);
  expect(lines[0]).not.toMatch(/\n/);
});

it("begins a line of text with the time where it has a clock, and keeps the last lines", () => {
  const log = createLog("info", () => {}, { nowMs: () => Date.UTC(2026, 0, 1, 12, 34, 56) });
  for (let number = 1; number <= 60; number += 1) log.info(`line ${number}`);
  expect(log.recent).toHaveLength(50);
  expect(log.recent.at(-1)).toBe("12:34:56 info  line 60");
});
