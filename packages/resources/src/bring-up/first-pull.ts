/** The models of an Ollama that Headgate brought up, downloaded behind it the first time: the smallest first. */
import { withTag } from "@headgate/contract";
import { listOllama, PullError, pullOllama } from "../pull/ollama.ts";

export interface FirstPullInput {
  readonly baseUrl: string;
  /** Upstream ids, in the order in which they are downloaded. */
  readonly models: readonly string[];
  readonly say: (level: "info" | "warn", message: string) => void;
  readonly signal: AbortSignal;
}

/** Never rejects: a failure is logged, and a request for that model goes on along its chain. */
export async function firstPull({ baseUrl, models, say, signal }: FirstPullInput): Promise<void> {
  let missing: readonly string[];
  try {
    const there = await listOllama(baseUrl, signal);
    missing = models.filter((model) => !there.has(withTag(model)));
  } catch (error) {
    if (!signal.aborted) say("warn", `its models cannot be listed: ${wordsOf(error)}`);
    return;
  }
  for (const [at, model] of missing.entries()) {
    if (signal.aborted) return;
    const name = `${model} (${at + 1} of ${missing.length})`;
    say("info", `downloading ${name}`);
    let logged = 0;
    try {
      await pullOllama({
        baseUrl,
        model,
        signal,
        onProgress({ doneBytes, totalBytes }) {
          const quarter = totalBytes === 0 ? 0 : Math.floor((doneBytes / totalBytes) * 4);
          if (quarter <= logged || quarter > 3) return;
          logged = quarter;
          say("info", `downloading ${name}: ${quarter * 25} % of ${(totalBytes / 1e9).toFixed(1)} GB`);
        },
      });
      say("info", `${model} is there`);
    } catch (error) {
      if (signal.aborted) return;
      say("warn", `${model} could not be downloaded: ${wordsOf(error)}; try \`headgate models pull\``);
      if (error instanceof PullError && error.unreachable) return;
    }
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
