const UNITS: Readonly<Record<string, number>> = {
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** `5 GB`, `570MiB`, `112 KiB` (the form the schema demands) → bytes, rounded. */
export function bytesOf(text: string): number {
  const match = /^([0-9.]+) ?([A-Za-z]+)$/.exec(text);
  return Math.round(Number(match?.[1] ?? Number.NaN) * (UNITS[match?.[2] ?? ""] ?? Number.NaN));
}
