/** Finds the route of the name that a client sent, or gives an error with a suggestion. */
import { closest, type Operation } from "@headgate/contract";
import type { IndexedRoute, RouteIndex } from "@headgate/router";
import { ClientError } from "../http/client-error.ts";
import type { Controls } from "./controls.ts";

/** Longer names get no suggestion: comparing them with a large catalogue costs time. */
const MAX_GUESS_LENGTH = 128;

/** @throws {ClientError} 404 for an unknown name, 400 for a model of another operation. */
export function findRoute(index: RouteIndex, name: string, operation: Operation): IndexedRoute {
  const route = index.find(name);
  // A pattern of the model map that leads to another operation does not make this name known.
  if (route === undefined || (route.kind === "map" && route.operation !== operation))
    throw unknownModel(index, name);
  if (route.operation === operation) return route;
  throw new ClientError({
    status: 400,
    type: "invalid_request_error",
    code: "wrong_operation",
    param: "model",
    message: `${name} is a model for ${route.operation}, not for ${operation}.`,
  });
}

/** A route under one request's controls: without its chain, or with another. @throws {ClientError} 404 for an unknown fallback */
export function controlled(route: IndexedRoute, controls: Controls, index: RouteIndex): IndexedRoute {
  const { fallbacks, noFallbacks } = controls;
  if (!noFallbacks && fallbacks === undefined) return route;
  // The request names one model, or a group whose own order counts.
  const [first] = route.chain;
  if (first === undefined) return route;
  const isGroup = index.groups.has(route.target ?? route.name);
  const { windows: _, ...own } = route;
  if (noFallbacks) return { ...own, chain: isGroup ? route.chain : [first], contextChain: [], alone: true };
  const named = isGroup ? route.chain : [first];
  const others = (fallbacks ?? []).flatMap((name) => {
    const found = findRoute(index, name, route.operation);
    return index.groups.has(found.target ?? found.name) ? found.chain : found.chain.slice(0, 1);
  });
  return { ...own, chain: [...new Set([...named, ...others])], contextChain: [] };
}

/** A route of any operation. @throws {ClientError} 404 for an unknown name */
export function findAny(index: RouteIndex, name: string): IndexedRoute {
  const route = index.find(name);
  if (route === undefined) throw unknownModel(index, name);
  return route;
}

export function unknownModel({ table }: RouteIndex, name: string): ClientError {
  const shown = name.slice(0, MAX_GUESS_LENGTH);
  const off = table.inactive.find((model) => model.alias === name);
  const known = [...table.routes.map((route) => route.name), ...table.inactive.map((model) => model.alias)];
  const guess = off === undefined && name.length <= MAX_GUESS_LENGTH ? closest(name, known) : undefined;
  const guessOff = table.inactive.find((model) => model.alias === guess);
  let hint = " `GET /v1/models` lists what is active.";
  if (off !== undefined) hint = ` It is in the catalogue, but not active: ${off.fix}.`;
  else if (guess !== undefined)
    hint = ` Did you mean ${guess}?${guessOff === undefined ? "" : ` (It is not active: ${guessOff.fix}.)`}`;
  return new ClientError({
    status: 404,
    type: "invalid_request_error",
    code: "model_not_found",
    param: "model",
    message: `The model ${JSON.stringify(shown)} does not exist here.${hint}`,
  });
}
