/** Stored bodies: AES-256-GCM, with a nonce of its own for each. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import type { RecordedBodies } from "@headgate/contract";

const ALGORITHM = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

export interface Seal {
  close(bodies: RecordedBodies): Uint8Array;
  /** Undefined where another secret closed it, or it was changed. */
  open(sealed: Uint8Array): RecordedBodies | undefined;
}

export function sealOf(secret: string): Seal {
  const key = Buffer.from(hkdfSync("sha256", secret, "", "headgate usage bodies", KEY_BYTES));
  return {
    close(bodies) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, key, nonce);
      const text = Buffer.concat([cipher.update(JSON.stringify(bodies), "utf8"), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), text]);
    },
    open(sealed) {
      try {
        const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, NONCE_BYTES));
        decipher.setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
        const text = Buffer.concat([
          decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)),
          decipher.final(),
        ]);
        return JSON.parse(text.toString("utf8")) as RecordedBodies;
      } catch {
        return undefined;
      }
    },
  };
}
