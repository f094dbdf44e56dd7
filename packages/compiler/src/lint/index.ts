/** The lint stage: contradictions between fragments, chains and groups. One kind of finding per file. */
import { adapterCapability } from "./adapter-capability.ts";
import { borrowedHost, endpointAddress } from "./address-slips.ts";
import { aliasTaken } from "./alias-taken.ts";
import { baseUrl } from "./base-url.ts";
import { baseByName, baseDeparture, baseRepeated, unknownBase, unusedBase } from "./bases.ts";
import { capableFallback } from "./capable-fallback.ts";
import { chainOperation } from "./chain-operation.ts";
import { chainRepeat } from "./chain-repeat.ts";
import { chainSource } from "./chain-source.ts";
import { chainTarget } from "./chain-target.ts";
import { chainVectorSpace } from "./chain-vector-space.ts";
import { contextWindow } from "./context-window.ts";
import { dialectProfile } from "./dialect-profile.ts";
import { dialectRules } from "./dialect-rules.ts";
import { direct } from "./direct.ts";
import { groupFallback } from "./group-fallback.ts";
import { groupMembers } from "./group-members.ts";
import { groupName } from "./group-name.ts";
import { instances } from "./instances.ts";
import { ladders } from "./ladders.ts";
import { namesRetired, noReplacement, successor } from "./life.ts";
import { limitModels } from "./limit-models.ts";
import { limits } from "./limits.ts";
import type { Lint } from "./lint.ts";
import { local } from "./local.ts";
import { modelMap } from "./model-map.ts";
import { noChain } from "./no-chain.ts";
import { outputWindow } from "./output-window.ts";
import { overlayClients, overlayWarm } from "./overlay-files.ts";
import { plainHttp } from "./plain-http.ts";
import { plans } from "./plans.ts";
import { memorySize, repeatedUpstream, window } from "./plausible.ts";
import { pointlessField } from "./pointless-field.ts";
import { policies } from "./policies.ts";
import { priceMissing, priceUnit } from "./prices.ts";
import { provenDialects, provenErrors } from "./proofs.ts";
import { renamed } from "./renamed.ts";
import { secret } from "./secret.ts";
import { sourceDate } from "./source-date.ts";
import { sourcePlace } from "./source-place.ts";
import { tierOrder } from "./tier-order.ts";
import { unknownAdapter } from "./unknown-adapter.ts";
import { unreachableName } from "./unreachable-name.ts";
import { variables } from "./variables.ts";
import { vectorSpace } from "./vector-space.ts";

export type { Lint } from "./lint.ts";

export const LINTS: readonly Lint[] = [
  unknownAdapter,
  adapterCapability,
  baseUrl,
  instances,
  plainHttp,
  endpointAddress,
  borrowedHost,
  variables,
  aliasTaken,
  unreachableName,
  secret,
  limits,
  limitModels,
  outputWindow,
  vectorSpace,
  pointlessField,
  dialectProfile,
  dialectRules,
  provenErrors,
  provenDialects,
  local,
  window,
  memorySize,
  repeatedUpstream,
  sourceDate,
  sourcePlace,
  successor,
  noReplacement,
  namesRetired,
  priceMissing,
  priceUnit,
  plans,
  unknownBase,
  baseDeparture,
  baseRepeated,
  unusedBase,
  baseByName,
  renamed,
  chainSource,
  chainTarget,
  ladders,
  chainRepeat,
  chainOperation,
  chainVectorSpace,
  contextWindow,
  capableFallback,
  tierOrder,
  noChain,
  groupMembers,
  groupName,
  groupFallback,
  direct,
  modelMap,
  policies,
  overlayClients,
  overlayWarm,
];
