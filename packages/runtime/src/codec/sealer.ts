/**
 * Encrypts and authenticates data that a client keeps for the gateway, so that the client can neither read nor change it.
 * The key is derived from the client key, so it survives a restart and is the same in every replica.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

const CIPHER = "aes-256-gcm";
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Distinguishes the gateway's seals from another service's. */
const PREFIX = "headgate.2.";

export class Sealer {
  readonly #secrets: () => readonly string[];
  /** By secret: the operator's key changes seldom. */
  readonly #keys = new Map<string, Buffer>();

  /** @param secrets the first one seals; what any of them sealed can be opened */
  constructor(secrets: string | (() => readonly string[])) {
    this.#secrets = typeof secrets === "string" ? () => [secrets] : secrets;
  }

  #keyOf(secret: string): Buffer {
    let key = this.#keys.get(secret);
    if (key === undefined) {
      key = Buffer.from(hkdfSync("sha256", secret, "", "headgate sealed items", KEY_BYTES));
      this.#keys.set(secret, key);
    }
    return key;
  }

  /** @param purpose `open` must name the same one */
  seal(text: string, purpose: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const [secret = ""] = this.#secrets();
    const cipher = createCipheriv(CIPHER, this.#keyOf(secret), nonce).setAAD(Buffer.from(purpose));
    const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
    return PREFIX + Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString("base64url");
  }

  /** Undefined for text that was changed, was sealed under another key or for another purpose, or is no seal. */
  open(sealed: string, purpose: string): string | undefined {
    if (!sealed.startsWith(PREFIX)) return undefined;
    const bytes = Buffer.from(sealed.slice(PREFIX.length), "base64url");
    if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
    for (const secret of this.#secrets()) {
      const text = opened(bytes, this.#keyOf(secret), purpose);
      if (text !== undefined) return text;
    }
    return undefined;
  }
}

function opened(bytes: Buffer, key: Buffer, purpose: string): string | undefined {
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(purpose))
    .setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  try {
    const text = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([text, decipher.final()]).toString("utf8");
  } catch {
    return undefined;
  }
}
