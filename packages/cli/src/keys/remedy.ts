/** The remedy for a key that does not work. */
import type { CatalogProvider, Failure } from "@headgate/contract";
import type { KeyCheck } from "@headgate/runtime/verify-keys";

export interface Place {
  /** The provider's entry in the catalogue. */
  readonly known: CatalogProvider;
  /** The variable that holds the provider's address; absent where the address is fixed. */
  readonly baseUrlVariable: string | undefined;
}

export function remedyFor(check: KeyCheck, place: Place): string {
  const { failure } = check;
  if (failure === undefined) return "";
  const reason = ruleReason(check, failure);
  return reason === undefined
    ? remedyText(check, failure, place)
    : `${remedyText(check, failure, place)}: ${reason}`;
}

function remedyText({ state, variable }: KeyCheck, failure: Failure, place: Place): string {
  const { auth, flag, signup } = place.known;
  const whereToSignUp = signup === undefined ? "at the provider" : `at ${signup}`;
  switch (state) {
    case "DEAD":
      return `create a new key ${whereToSignUp} and put it into ${variable ?? auth?.env ?? ".env"}`;
    case "NOKEY":
      return auth === undefined
        ? "it needs a key, and its fragment names no variable for one"
        : `fill in ${auth.env} in .env`;
    case "NOFUNDS":
      return `add credit ${whereToSignUp} or set ${flag}=0; waiting does not help`;
    case "QUOTA":
      return `the key works and is at its limit; ${retryText(failure)}`;
    default:
      return failureText(failure, variable, place);
  }
}

function retryText({ class: failure, retryAfterMs }: Failure): string {
  if (retryAfterMs !== undefined) return `it resets in ${Math.ceil(retryAfterMs / 1000)} s`;
  if (failure === "daily_quota") return "wait for the next day";
  return failure === "monthly_quota" ? "wait for the next month" : "try again in a minute";
}

function failureText(
  { class: failure, scope, message, status = 0 }: Failure,
  variable: string | undefined,
  { known, baseUrlVariable = "the base URL" }: Place,
): string {
  switch (failure) {
    case "network":
      return known.tier === "local"
        ? `start the server, or set ${baseUrlVariable} to its address`
        : `check the network and ${baseUrlVariable}`;
    case "timeout":
      return `check the network and ${baseUrlVariable}, or raise --timeout-ms`;
    case "permission":
      if (message.includes("1010")) return "send requests unchanged: a proxy may be rewriting the User-Agent";
      if (scope === "key") return `paste the key into ${variable ?? ".env"} again, on one line`;
      if (scope === "provider") return "switch on a chat model of this provider to prove the key";
      return "give the key the permission that the provider requires";
    case "model_gone":
      return "update the models in its fragment";
    case "malformed":
      return `check ${baseUrlVariable}: the server there does not use this wire format`;
    case "server_error":
      if (scope === "provider" || (status >= 300 && status < 400))
        return `check ${baseUrlVariable}: the server there does not use this wire format`;
      return "the provider has a problem; try again later";
    case "overloaded":
      return "the provider has a problem; try again later";
    default:
      return "the provider refused the test request; see its message";
  }
}

/** The reason that the fragment's rule states for this failure. */
function ruleReason(
  { provider }: KeyCheck,
  { class: failure, status, code, message }: Failure,
): string | undefined {
  return provider.errors.find(
    (rule) =>
      rule.class === failure &&
      (rule.status === undefined || rule.status === status) &&
      (rule.code === undefined || rule.code === code) &&
      (rule.contains === undefined || message.toLowerCase().includes(rule.contains.toLowerCase())),
  )?.why;
}
