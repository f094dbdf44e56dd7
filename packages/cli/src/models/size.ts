/** Sizes as text, in powers of ten like the catalogue's. */
const STEPS = [
  ["GB", 1e9],
  ["MB", 1e6],
  ["kB", 1e3],
] as const;

/** `2.6 GB`, `570 MB`, `12 bytes`. */
export function sizeOf(bytes: number): string {
  for (const [unit, size] of STEPS) {
    if (bytes >= size) return `${(bytes / size).toFixed(bytes / size < 10 ? 1 : 0)} ${unit}`;
  }
  return `${bytes} bytes`;
}

export const percent = (part: number, whole: number): string =>
  `${String(Math.floor((part / whole) * 100)).padStart(3)} %`;
