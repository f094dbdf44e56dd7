/**
 * stable-diffusion.cpp's own server, with memory that runs out: it loads its model, then listens, and makes one
 * image at a time while other requests wait. https://github.com/leejet/stable-diffusion.cpp/tree/master/examples/server
 */
import { type LocalBackend, type LocalBackendOptions, startBackend } from "./backend.ts";
import { imagesDocument } from "./image.ts";

/** Serves the first of `models`. It starts stopped: `restart` loads and listens, `kill` ends it. */
export async function startSdServer(options: LocalBackendOptions): Promise<LocalBackend> {
  const [model] = Object.keys(options.models);
  if (model === undefined) throw new Error("sd-server serves a model");
  const backend = await startBackend(options, {
    kind: "sd-server",
    outOfMemory: ({ message }) => ({ status: 500, body: { error: message } }),
    route: ({ residents }) => {
      let working = false;
      return async (call) => {
        if (call.method === "GET" && call.path === "/v1/models") {
          return { status: 200, body: { object: "list", data: [{ id: "sd-cpp-local", object: "model" }] } };
        }
        if (call.method !== "POST" || call.path !== "/v1/images/generations") {
          return { status: 404, body: { error: "not found" } };
        }
        while (working) await residents.when(() => !working);
        working = true;
        try {
          const resident = await residents.load(model);
          const document = imagesDocument(call.body);
          // A client that leaves does not stop the process.
          await residents.job(resident, residents.lifetime, () => call.send({ status: 200, body: document }));
        } finally {
          working = false;
          residents.changed();
        }
        return undefined;
      };
    },
  });
  await backend.kill();
  const listen = backend.restart.bind(backend);
  return Object.assign(backend, {
    async restart() {
      await backend.residents.load(model);
      await listen();
    },
  });
}
