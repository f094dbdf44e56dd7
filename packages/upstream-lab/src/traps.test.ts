import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Lab, startLab } from "./lab.ts";
import { call } from "./probe.ts";

let lab: Lab;
beforeEach(async () => {
  lab = await startLab();
});
afterEach(() => lab.close());

const rootOf = (baseUrl: string): string => baseUrl.replace(/\/v1$/, "");

describe("addresses that cannot be reached", () => {
  it("closedPort refuses connections", async () => {
    const baseUrl = await lab.closedPort();
    expect(baseUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1$/);
    await expect(call(rootOf(baseUrl))).rejects.toThrow("ECONNREFUSED");
  });

  it("blackHole accepts and sends no byte", async () => {
    const { port } = new URL(await lab.blackHole());
    const socket: Socket = connect(Number(port), "127.0.0.1");
    await once(socket, "connect");
    let received = 0;
    socket.on("data", (chunk) => {
      received += chunk.length;
    });
    socket.write("GET / HTTP/1.1\r\nhost: lab\r\n\r\n");
    // A whole exchange with the lab itself takes place meanwhile.
    await call(lab.url);
    expect([received, socket.readyState]).toEqual([0, "open"]);
    socket.destroy();
  });

  it.runIf(process.platform === "linux")("unreachable never completes a connection", async () => {
    const { port } = new URL(await lab.unreachable());
    const socket: Socket = connect(Number(port), "127.0.0.1");
    socket.on("error", () => undefined);
    // Fifty exchanges with another server on loopback take far longer than a connect that completes.
    for (let i = 0; i < 50; i += 1) await call(lab.url);
    expect(socket.connecting).toBe(true);
    socket.destroy();
  });
});
