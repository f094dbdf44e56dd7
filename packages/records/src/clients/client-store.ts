/** Clients in the database of records: keys as hashes, changed by the CLI and by admin routes, followed by every gateway. */
import { createHash, randomBytes } from "node:crypto";
import {
  type ClientEdit,
  ClientRefusal,
  type ClientStore,
  clientKeyOf,
  editedRules,
  type IssuedKey,
  type KeptKey,
  type NewClient,
  type StoredClient,
} from "@headgate/contract";
import { patiently } from "../store/patient.ts";
import type { Sql, SqlDriver } from "../store/sql.ts";

const SECRET_BYTES = 32;
const ID_BYTES = 6;
/** How long a change waits for other writers of the file. */
const PATIENCE_MS = 10_000;

export interface ClientList {
  readonly version: number;
  readonly clients: readonly StoredClient[];
}

export class SqlClients implements ClientStore {
  readonly #driver: SqlDriver;
  readonly #nowMs: () => number;

  constructor(driver: SqlDriver, nowMs: () => number) {
    this.#driver = driver;
    this.#nowMs = nowMs;
  }

  async version(): Promise<number> {
    const [row] = await this.#driver.all("SELECT version FROM client_list WHERE one = 1");
    return Number(row?.version ?? 0);
  }

  /** The version is read first: a change between the two reads is seen at the next look. */
  async read(): Promise<ClientList> {
    const version = await this.version();
    return { version, clients: await this.list() };
  }

  async list(): Promise<readonly StoredClient[]> {
    const rows = await this.#driver.all("SELECT data FROM client ORDER BY name");
    return rows.map(({ data }) => JSON.parse(String(data)) as StoredClient);
  }

  add({ name, rules, expires_at_ms }: NewClient): Promise<IssuedKey> {
    return this.#change(async (sql) => {
      const before = await find(sql, name);
      if (before !== undefined && before.revoked_at_ms === undefined)
        throw new ClientRefusal(
          "client_exists",
          `there is a client ${name} already; change it with \`headgate clients edit ${name}\`, or give it a new key with \`headgate clients rotate ${name}\``,
        );
      if (before !== undefined) await sql.all("DELETE FROM client WHERE id = ?", [before.id]);
      const id = randomBytes(ID_BYTES).toString("hex");
      const { key, kept } = newKey(id);
      const client: StoredClient = {
        id,
        name,
        rules,
        keys: [kept],
        created_at_ms: this.#nowMs(),
        ...(expires_at_ms === undefined ? {} : { expires_at_ms }),
      };
      await sql.all("INSERT INTO client (id, name, data) VALUES (?, ?, ?)", [
        id,
        name,
        JSON.stringify(client),
      ]);
      return { id, name, key };
    });
  }

  edit(name: string, edit: ClientEdit): Promise<StoredClient> {
    return this.#change(async (sql) => {
      const { expires_at_ms: before, ...client } = await present(sql, name);
      const until = edit.expires_at_ms === undefined ? before : (edit.expires_at_ms ?? undefined);
      return save(sql, {
        ...client,
        rules: editedRules(client.rules, edit),
        ...(until === undefined ? {} : { expires_at_ms: until }),
      });
    });
  }

  rotate(name: string, graceMs: number): Promise<IssuedKey> {
    return this.#change(async (sql) => {
      const client = await present(sql, name);
      const nowMs = this.#nowMs();
      const { key, kept } = newKey(client.id);
      const until = nowMs + graceMs;
      const old = client.keys
        .map(({ hash, until_ms = Number.POSITIVE_INFINITY }) => ({
          hash,
          until_ms: Math.min(until_ms, until),
        }))
        .filter(({ until_ms }) => until_ms > nowMs);
      await save(sql, { ...client, keys: [kept, ...old] });
      return { id: client.id, name: client.name, key };
    });
  }

  revoke(name: string): Promise<StoredClient> {
    return this.#change(async (sql) => {
      const client = await present(sql, name);
      return save(sql, { ...client, keys: [], revoked_at_ms: this.#nowMs() });
    });
  }

  /** Raising the version comes first: it locks out every other change, in PostgreSQL too. */
  #change<T>(run: (sql: Sql) => Promise<T>): Promise<T> {
    return patiently(
      () =>
        this.#driver.transaction(async (sql) => {
          await sql.all("UPDATE client_list SET version = version + 1 WHERE one = 1");
          return run(sql);
        }),
      PATIENCE_MS,
    );
  }
}

async function find(sql: Sql, nameOrId: string): Promise<StoredClient | undefined> {
  const [row] = await sql.all(
    "SELECT data FROM client WHERE name = ? OR id = ? ORDER BY name = ? DESC LIMIT 1",
    [nameOrId, nameOrId, nameOrId],
  );
  return row === undefined ? undefined : (JSON.parse(String(row.data)) as StoredClient);
}

/** @throws {ClientRefusal} */
async function present(sql: Sql, nameOrId: string): Promise<StoredClient> {
  const client = await find(sql, nameOrId);
  if (client !== undefined && client.revoked_at_ms === undefined) return client;
  const shown = JSON.stringify(nameOrId.slice(0, 80));
  throw new ClientRefusal(
    "unknown_client",
    client === undefined
      ? `there is no client ${shown}; \`headgate clients list\` lists them`
      : `the client ${shown} is revoked; \`headgate clients add\` may use its name again`,
  );
}

async function save(sql: Sql, client: StoredClient): Promise<StoredClient> {
  await sql.all("UPDATE client SET data = ? WHERE id = ?", [JSON.stringify(client), client.id]);
  return client;
}

function newKey(id: string): { readonly key: string; readonly kept: KeptKey } {
  const key = clientKeyOf(id, randomBytes(SECRET_BYTES).toString("base64url"));
  return { key, kept: { hash: createHash("sha256").update(key).digest("hex") } };
}
