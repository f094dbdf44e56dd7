/** The kind of requests that a Claude model accepts, by its id. Other vendors' models on this wire accept the older kind. */

export interface ModelTraits {
  /** A Claude model, whose version says what it takes. */
  readonly claude: boolean;
  /** `adaptive`: the model decides how much, guided by an effort. `budget`: a number of tokens in the request. */
  readonly thinking: "adaptive" | "budget";
  /** The thinking's text is left out unless requested. */
  readonly hidesThinking: boolean;
  /** Which of `temperature`, `top_p` and `top_k` it accepts. */
  readonly sampling: "any" | "one" | "none";
  /** Has the effort between `high` and `max`. */
  readonly xhigh: boolean;
  /** Takes `output_config.effort`. */
  readonly effort: boolean;
  /** Takes system messages between the turns. */
  readonly systemBetween: boolean;
}

/** `claude-opus-4-6`, `claude-sonnet-4-20250514`, `claude-opus-5`; gateways in between write a dot. */
const NAMED = /claude-[a-z]+-(\d+)(?:[-.](\d{1,2})(?!\d))?/;
/** `claude-3-7-sonnet-20250219` */
const NUMBERED = /claude-(\d+)(?:[-.](\d{1,2}))?-[a-z]/;

/** Took an effort before all newer models did: https://platform.claude.com/docs/en/build-with-claude/effort */
const EFFORT_BEFORE = /claude-opus-4[-.]5/;

/** 100 for each version, 1 for each part of one: 406 for 4.6. */
function generationOf(model: string): number | undefined {
  const found = NUMBERED.exec(model) ?? NAMED.exec(model);
  return found === null ? undefined : Number(found[1]) * 100 + Number(found[2] ?? 0);
}

/**
 * Sources: adaptive thinking from 4.6 on (https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking); no
 * sampling parameters, hidden thinking and `xhigh` from 4.7 on (…/about-claude/models/migration-guide); `temperature` and
 * `top_p` exclude each other from 4.1 on; system messages between the turns from 4.8 on (…/whats-new-claude-4-8, and
 * https://github.com/vercel/ai/pull/15674).
 */
export function traitsOf(model: string): ModelTraits {
  const known = generationOf(model);
  const generation = known ?? 0;
  return {
    claude: known !== undefined,
    thinking: generation >= 406 ? "adaptive" : "budget",
    hidesThinking: generation >= 407,
    sampling: generation >= 407 ? "none" : generation >= 401 ? "one" : "any",
    xhigh: generation >= 407,
    effort: generation >= 406 || EFFORT_BEFORE.test(model),
    systemBetween: generation >= 408,
  };
}
