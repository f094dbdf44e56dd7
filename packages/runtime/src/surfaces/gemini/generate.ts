/** `:generateContent` and `:streamGenerateContent` */
import { exactBody, type NativeBody } from "@headgate/adapter-kit";
import { present } from "@headgate/contract";
import { NEED } from "@headgate/router";
import type { SurfaceRequest } from "../../codec/surface-request.ts";
import { blockedAnswer } from "./blocked.ts";
import { decodeGenerate, fieldName } from "./decode.ts";
import { encodeResponse, type Identity } from "./encode.ts";
import {
  arrayFraming,
  errorPiece,
  eventFraming,
  type Form,
  type Framing,
  ResponseStreamEncoder,
} from "./encode-stream.ts";
import { WIRE, withoutMarks } from "./seals.ts";
import { takeOverResponses } from "./take-over.ts";

export function generateRequest(
  body: NativeBody,
  model: string,
  form: Form,
  requestId: string,
): SurfaceRequest {
  const stream = form !== "whole";
  const { needs, request, showThoughts, notes, paths } = decodeGenerate(exactBody(body), stream);
  const framed = form === "array" ? arrayFraming : eventFraming;
  const unbegun: Framing = framed();
  const identity = (upstream: string): Identity => ({ id: requestId, model: upstream, showThoughts });
  return {
    wire: WIRE,
    facts: { model, operation: "chat", needs },
    stream,
    includeUsage: true,
    // An upstream of this wire streams events. An array is made of them here.
    ...(form === "array" ? {} : { native: { ...withoutMarks(body), stream } }),
    mockFallback: false,
    dropped: [...notes.leftOut],
    fieldName: (canonical) => fieldName(canonical, paths),
    wantsJson: request.responseFormat?.type === "json",
    searchRequired: (needs & NEED.search) !== 0,
    canonical() {
      notes.check();
      return request;
    },
    streamEncoder: (upstream) => new ResponseStreamEncoder(identity(upstream), framed()),
    takeOver: (passed, decode) => takeOverResponses(passed, decode, identity(model), framed()),
    encodeBody: (events, upstream) => encodeResponse(events, identity(upstream)),
    answerInstead: (error) => blockedAnswer(error, identity(model), form),
    errorFrame: (error) => errorPiece(unbegun, error),
    streamContentType: unbegun.contentType,
    ...present({ keepAlive: unbegun.keepAlive }),
  };
}
