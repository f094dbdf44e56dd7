/** `node src/main.ts --port 9000`: the lab as a process, for use by hand and for the demo. */
import { parseArgs } from "node:util";
import { startLab } from "./lab.ts";

const HELP = `upstream-lab: fake providers that behave and misbehave on demand

  --port N        port on 127.0.0.1 (default 9000; 0: any free one)
  --model ID      a model for /v1/models and /api/tags; may be repeated

Every model is healthy by default. Set a behaviour:
  curl -s localhost:9000/lab/behaviours
  curl -s localhost:9000/lab/behave -d '{"model":"m","behaviour":"cut","options":{"after":2}}'
  curl -sN localhost:9000/v1/chat/completions -d '{"model":"m","stream":true,"messages":[]}'
  curl -s localhost:9000/lab/requests
`;

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "9000" },
    model: { type: "string", multiple: true, default: [] },
    help: { type: "boolean", short: "h", default: false },
  },
});

if (values.help) {
  process.stdout.write(HELP);
} else {
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    process.stderr.write(`--port ${values.port}: not a port\n`);
    process.exit(2);
  }
  const lab = await startLab({ port, models: values.model, control: true }).catch((error: unknown) => {
    process.stderr.write(`upstream-lab: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
  process.stdout.write(`upstream-lab listening on ${lab.baseUrl}\n`);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void lab.close());
}
