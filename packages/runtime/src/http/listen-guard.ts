import { isIP } from "node:net";

/** A key that is strong enough beyond this machine: long, and not one letter repeated. */
const STRONG_LENGTH = 32;
const STRONG_LETTERS = 10;

const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));

/** @throws {Error} when the gateway would listen beyond this machine behind a weak key. */
export function guardListening(host: string, key: string): void {
  if (isLoopback(host) || (key.length >= STRONG_LENGTH && new Set(key).size >= STRONG_LETTERS)) return;
  throw new Error(
    `HEADGATE_HOST=${host} opens the gateway beyond this machine, and HEADGATE_API_KEY is weak. ` +
      `Use at least ${STRONG_LENGTH} random characters (\`openssl rand -base64 32\`), or leave HEADGATE_API_KEY out: a strong key is then made for you.`,
  );
}
