/**
 * Containers of the gateway and of local backends, by the Compose Specification (https://compose-spec.io).
 *
 * `docker-compose.yaml` is everything on one private network, where only the gateway's port is published, and on loopback
 * alone. `docker-compose.host.yaml` goes on top of it where the gateway runs outside: then it must reach the backends, so
 * their ports are published too, on loopback. Relative paths are meant from the repository's root (`--project-directory`).
 */
import type { Catalog, CatalogProvider, ComposeUp } from "@headgate/contract";
import { stringify } from "yaml";

const DATA = "$" + "{HEADGATE_DATA_DIR:-.data}";
/** `make up` has it written from .env, in the spelling that Compose reads. */
const ENV_FILE = "$" + "{HEADGATE_ENV_FILE:-.env}";
/** The user's own files. */
const OVERLAY = "$" + "{HEADGATE_OVERLAY_DIR:-overlay}";
const NETWORK = "headgate";
const GATEWAY_PORT = 4000;

type Service = Record<string, unknown>;

interface Backend {
  readonly provider: CatalogProvider;
  readonly compose: ComposeUp;
}

const HARDENED = {
  restart: "unless-stopped",
  init: true,
  security_opt: ["no-new-privileges:true"],
  cap_drop: ["ALL"],
  // At most 40 MB of each container's log.
  logging: { driver: "json-file", options: { "max-size": "10m", "max-file": "4" } },
} as const;

/** `docker-compose.yaml`: the gateway, and a service with a profile of the same name for each backend. */
export function composeFile(catalog: Catalog): string {
  const backends = backendsOf(catalog);
  const services = Object.fromEntries(backends.map((backend) => [backend.provider.id, serviceOf(backend)]));
  return yamlOf(
    [
      "Generated from providers/ by `make generate`. Do not edit.",
      "`make up` starts the gateway and what .env switches on; paths are from the repository's root.",
    ],
    {
      name: "headgate",
      services: { gateway: gatewayOf(catalog, backends), ...services },
      networks: { [NETWORK]: { driver: "bridge" } },
      volumes: { "gateway-state": {} },
    },
  );
}

/** `docker-compose.host.yaml`: the ports of backends for a gateway that runs outside of the containers. */
export function composeHostFile(catalog: Catalog): string {
  const services = backendsOf(catalog).flatMap(({ provider, compose }) => {
    const port = portOf(provider);
    return port === undefined ? [] : [[provider.id, { ports: [`127.0.0.1:${port}:${compose.port}`] }]];
  });
  return yamlOf(
    [
      "Generated from providers/ by `make generate`. Do not edit.",
      "On top of docker-compose.yaml when the gateway runs outside: `headgate serve` uses it for `…_BRING_UP=compose`.",
    ],
    { services: Object.fromEntries(services) },
  );
}

function backendsOf({ providers }: Catalog): Backend[] {
  return providers.flatMap((provider) => {
    const compose = provider.local?.bringUp?.compose;
    return compose === undefined ? [] : [{ provider, compose }];
  });
}

function gatewayOf({ providers }: Catalog, backends: readonly Backend[]): Service {
  const addresses = backends.flatMap(({ provider, compose }) => {
    const { baseUrl } = provider;
    if (baseUrl === undefined) return [];
    const path = baseUrl.default === undefined ? "" : new URL(baseUrl.default).pathname.replace(/\/$/, "");
    const inside = `http://${provider.id}:${compose.port}${path}`;
    return [[baseUrl.env, `$\{${baseUrl.env}:-${inside}}`]];
  });
  // A container starts no others, and brings none of the programs.
  const ways = providers.flatMap(({ local }) =>
    local?.bringUp === undefined || local.bringUp.process?.builtin !== undefined
      ? []
      : [[local.bringUp.env, "external"]],
  );
  return {
    build: { context: ".", dockerfile: "Dockerfile" },
    image: "headgate:local",
    ...HARDENED,
    read_only: true,
    tmpfs: ["/tmp"],
    env_file: [{ path: ENV_FILE, required: false }],
    environment: {
      HEADGATE_HOST: "0.0.0.0",
      HEADGATE_PORT: String(GATEWAY_PORT),
      HEADGATE_STATE_DIR: "/data/state",
      HEADGATE_DATA_DIR: "/data",
      HEADGATE_OVERLAY_DIR: "/data/overlay",
      ...Object.fromEntries(addresses),
      ...Object.fromEntries(ways),
    },
    // Beyond loopback only where HEADGATE_PUBLISH names an address; the gateway wants a strong key in any case.
    ports: [`$\{HEADGATE_PUBLISH:-127.0.0.1}:$\{HEADGATE_PORT:-${GATEWAY_PORT}}:${GATEWAY_PORT}`],
    healthcheck: {
      test: [
        "CMD",
        "node",
        "-e",
        `fetch("http://127.0.0.1:${GATEWAY_PORT}/health/live").then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))`,
      ],
      interval: "15s",
      timeout: "5s",
      retries: 3,
      start_period: "20s",
    },
    volumes: [
      "gateway-state:/data",
      { type: "bind", source: OVERLAY, target: "/data/overlay", read_only: true },
    ],
    networks: [NETWORK],
  };
}

function serviceOf({ provider, compose }: Backend): Service {
  const { image, build, command, environment, data, health, startPeriodMs, capabilities } = compose;
  return {
    profiles: [provider.id],
    ...(image === undefined ? { image: `headgate-${provider.id}:local` } : { image }),
    ...(build === undefined ? {} : { build }),
    ...HARDENED,
    ...(capabilities.length === 0 ? {} : { cap_add: capabilities }),
    ...(command === undefined ? {} : { command }),
    ...(Object.keys(environment).length === 0 ? {} : { environment }),
    ...(data === undefined ? {} : { volumes: [`${DATA}/${data.folder}:${data.target}`] }),
    ...(health === undefined
      ? {}
      : {
          healthcheck: {
            test: ["CMD", ...health],
            interval: "30s",
            timeout: "10s",
            retries: 5,
            start_period: `${Math.ceil(startPeriodMs / 1000)}s`,
          },
        }),
    networks: [NETWORK],
    ...(wantsGpu(provider)
      ? {
          deploy: {
            resources: {
              reservations: { devices: [{ driver: "nvidia", count: "all", capabilities: ["gpu"] }] },
            },
          },
        }
      : {}),
  };
}

export const wantsGpu = ({ models }: CatalogProvider): boolean =>
  models.some(({ memory }) => memory?.device === "cuda");

/** The port under which a gateway outside expects the backend. */
function portOf({ baseUrl }: CatalogProvider): number | undefined {
  if (baseUrl?.default === undefined) return undefined;
  const { port, protocol } = new URL(baseUrl.default);
  return port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
}

const yamlOf = (comments: readonly string[], value: object): string =>
  `${comments.map((line) => `# ${line}\n`).join("")}${stringify(value, { aliasDuplicateObjects: false, lineWidth: 0, singleQuote: true })}`;
