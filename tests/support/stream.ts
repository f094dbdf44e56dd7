/** A stream's text without the gateway's last comment, which tells cost and duration. */
export const withoutLastComment = (raw: string): string =>
  raw.replace(/(?:: x-headgate-[a-z-]+: .*\n)+\n$/, "");
