/** Stored bodies, each sealed as one text. */
import type { RecordedBodies } from "@headgate/contract";
import { textSeal } from "@headgate/state/seal";

export interface Seal {
  close(bodies: RecordedBodies): Uint8Array;
  /** Undefined where another secret closed it, or it was changed. */
  open(sealed: Uint8Array): RecordedBodies | undefined;
}

export function sealOf(secret: string): Seal {
  const seal = textSeal(secret, "headgate usage bodies");
  return {
    close: (bodies) => seal.close(JSON.stringify(bodies)),
    open(sealed) {
      const text = seal.open(sealed);
      return text === undefined ? undefined : (JSON.parse(text) as RecordedBodies);
    },
  };
}
