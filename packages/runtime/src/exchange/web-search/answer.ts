/** Who can search the web for a request, and how an answer that the gateway made is sent. */
import { WEB_SEARCH_FIELD } from "@headgate/adapter-kit";
import type { ChatEvent } from "@headgate/contract";
import type { IndexedRoute, RouteIndex } from "@headgate/router";
import { JSON_TYPE } from "../../codec/exchange-codec.ts";
import type { SurfaceRequest } from "../../codec/surface-request.ts";
import { ClientError } from "../../http/client-error.ts";
import { type ClientEnd, streamHeaders } from "../../http/client-sink.ts";
import type { LiveTable } from "../../upstream/live-table.ts";

/** More names do not help. */
const MAX_NAMES = 5;

/** Whether any candidate of the route searches by itself, or has OpenAI's API, which does. */
export const canSearch = (request: SurfaceRequest, { chain }: IndexedRoute, live: LiveTable): boolean =>
  chain.some(({ deployment, candidates: [candidate] }) => {
    if (deployment.capabilities.includes("search")) return true;
    if (candidate === undefined || request.native === undefined) return false;
    const { second } = live.endpoint(candidate).adapter;
    return second?.wire === request.wire && second.serves(candidate);
  });

/** The error where none does, which names those that would. */
export function noSearch(
  { fieldName }: SurfaceRequest,
  { name }: IndexedRoute,
  { deployments }: RouteIndex,
): ClientError {
  const able = deployments.filter(({ deployment }) => deployment.capabilities.includes("search"));
  const names = able.slice(0, MAX_NAMES).map(({ deployment }) => deployment.alias);
  const remedy =
    names.length === 0
      ? "No active model can"
      : `These can: ${names.join(", ")}${able.length > MAX_NAMES ? ", and more" : ""}`;
  return new ClientError({
    status: 400,
    type: "invalid_request_error",
    code: "web_search_unavailable",
    param: fieldName?.(WEB_SEARCH_FIELD) ?? WEB_SEARCH_FIELD,
    message: `No candidate for ${name} can search the web. ${remedy}. With HEADGATE_SEARCH_URL the gateway searches for every model.`,
  });
}

/** Sends an answer that is whole already, as a stream where the client wants one. */
export function sendEvents(
  request: SurfaceRequest,
  events: readonly ChatEvent[],
  sink: ClientEnd,
  nowS: number,
): void {
  const start = events.find((event) => event.type === "start");
  const model = start?.model ?? request.facts.model;
  if (!request.stream) {
    sink.send(200, { "content-type": JSON_TYPE }, request.encodeBody(events, model, nowS));
    return;
  }
  const encoder = request.streamEncoder(model, nowS);
  sink.begin(streamHeaders(request.streamContentType));
  for (const event of events) {
    const bytes = event.type === "end" ? undefined : encoder.encode(event);
    if (bytes !== undefined) sink.write(bytes);
  }
  sink.end(encoder.end());
}
