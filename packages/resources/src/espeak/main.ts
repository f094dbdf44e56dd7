/** The program: `node main.ts --host 127.0.0.1 --port 7236`. It ends with SIGTERM. */
import { parseArgs } from "node:util";
import { espeakServer } from "./server.ts";

const { values } = parseArgs({
  options: { host: { type: "string", default: "127.0.0.1" }, port: { type: "string", default: "7236" } },
});
const server = espeakServer();
server.on("error", (error) => {
  console.error(`it cannot listen on ${values.host}:${values.port}: ${error.message}`);
  process.exitCode = 1;
});
server.listen(Number(values.port), values.host);
process.on("SIGTERM", () => {
  server.close();
  server.closeAllConnections();
});
