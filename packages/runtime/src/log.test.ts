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
