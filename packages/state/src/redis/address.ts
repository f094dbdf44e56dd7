/** HEADGATE_REDIS_URL as ioredis wants it. The URL may hold a password, so no message shows it. */
import { StoreSettingError } from "../failures.ts";

const SCHEMES = new Map([
  ["redis:", false],
  ["valkey:", false],
  ["rediss:", true],
  ["valkeys:", true],
]);

/** The options of ioredis that a URL can state. */
interface AddressOptions {
  host?: string;
  port?: number;
  path?: string;
  username?: string;
  password?: string;
  db?: number;
  tls?: { servername: string };
}

export interface RedisAddress {
  readonly options: Readonly<AddressOptions>;
  /** Host and port, or the socket's path: safe to show. */
  readonly shown: string;
}

const wrong = (why: string): StoreSettingError =>
  new StoreSettingError(
    `HEADGATE_REDIS_URL ${why}. Write redis://[user:password@]host[:port][/database], rediss:// for TLS, or unix:///path/to/socket.`,
  );

/** @throws StoreSettingError */
export function readRedisUrl(text: string): RedisAddress {
  if (!URL.canParse(text)) throw wrong("is no URL");
  const url = new URL(text);
  if (url.protocol === "unix:") {
    const path = decodeURIComponent(url.pathname);
    // A URL can hold an account only in front of a host.
    const here = url.hostname === "" || url.hostname === "localhost";
    if (!here || path.length < 2) throw wrong("names no socket (three slashes, then its path)");
    return { options: { path, ...accountOf(url) }, shown: path };
  }
  const tls = SCHEMES.get(url.protocol);
  if (tls === undefined) throw wrong(`begins with "${url.protocol}//", which is none of redis, rediss, unix`);
  if (url.hostname === "") throw wrong("names no host");
  const db = url.pathname.replace(/^\//, "");
  if (!/^\d*$/.test(db)) throw wrong("names a database that is no number");
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const port = url.port === "" ? 6379 : Number(url.port);
  return {
    options: {
      host,
      port,
      ...accountOf(url),
      ...(db === "" ? {} : { db: Number(db) }),
      ...(tls ? { tls: { servername: host } } : {}),
    },
    shown: `${url.hostname}:${port}`,
  };
}

function accountOf(url: URL): Pick<AddressOptions, "username" | "password"> {
  try {
    return {
      ...(url.username === "" ? {} : { username: decodeURIComponent(url.username) }),
      ...(url.password === "" ? {} : { password: decodeURIComponent(url.password) }),
    };
  } catch {
    throw wrong('holds a user or password with a "%" that is no escape (write %25)');
  }
}
