/** The behaviour of a strict twin: it refuses what its provider refuses, and answers in its provider's form. */
import { type AnswerOptions, answerTo } from "../answer.ts";
import { answerJson, status } from "../behaviours/status.ts";
import type { Frame } from "../frame.ts";
import { bytesStep, okHead } from "../frames.ts";
import { asList, type JsonValue } from "../json.ts";
import type { LabRequest } from "../lab-request.ts";
import { type Behaviour, behaviour, type Step } from "../step.ts";
import { responsesFrames, responsesWhole } from "../wire-responses.ts";
import { WIRES } from "../wires.ts";
import { chatFrames, chatWhole } from "./answers/chat.ts";
import { judge } from "./rule.ts";
import { seal } from "./seal.ts";
import { type ChatWire, isTwin, TWINS, type Twin, type TwinId, type TwinWire } from "./twins.ts";

/** A rule that a request broke. */
export interface TwinRefusal {
  readonly twin: TwinId;
  readonly rule: string;
  readonly at: string;
  readonly message: string;
  readonly model: string;
  readonly body: JsonValue;
}

export interface StrictOptions {
  /** What the model says; the default follows from the request, as everywhere in the lab. */
  readonly answer?: (request: LabRequest, twin: TwinId) => AnswerOptions;
}

export interface StrictTwins {
  /** For `lab.behave("*", …)`: the twin is the first segment of the request's path. */
  readonly behaviour: Behaviour;
  /** Every broken rule of every request so far; a provider names the first alone. */
  readonly refusals: TwinRefusal[];
  /** Requests that were answered. */
  accepted: number;
}

const ownerOf = (id: TwinId, wire: ChatWire, model: string): string =>
  wire === "openai-responses" ? id : `${id}/${model}`;

/** The twins of one lab, each under its own path: `/mistral/v1/chat/completions`. */
export function strictTwins(options: StrictOptions = {}): StrictTwins {
  const twins: StrictTwins = {
    refusals: [],
    accepted: 0,
    behaviour: behaviour("strict", (request) => {
      const id = request.path.split("/")[1] ?? "";
      const twin: Twin | undefined = isTwin(id) ? TWINS[id] : undefined;
      const wire = request.wire === "listing" ? undefined : twin?.wires[request.wire];
      if (!isTwin(id) || wire === undefined || request.wire === "listing") {
        return status(404, { message: `Not found: ${request.path}` }).plan(request);
      }
      const refusals = judge(wire.rules, request.body, request.model);
      for (const { rule, finding, message } of refusals) {
        twins.refusals.push({
          twin: id,
          rule: rule.id,
          at: finding.at,
          message,
          model: request.model,
          body: request.body,
        });
      }
      const [first] = refusals;
      if (first !== undefined) return answerJson(first.rule.status, wire.envelope(first, request));
      twins.accepted += 1;
      return answered(request, id, request.wire, wire, options.answer?.(request, id) ?? {});
    }),
  };
  return twins;
}

function* answered(
  request: LabRequest,
  id: TwinId,
  wire: ChatWire,
  { style, callId }: TwinWire,
  options: AnswerOptions,
): Generator<Step> {
  const format = WIRES[wire];
  const plain = answerTo({ ...request, body: format.toOpenAi?.(request.body) ?? request.body }, options);
  const owner = ownerOf(id, wire, request.model);
  const marks = {
    callId: (index: number, name: string) =>
      callId?.(request.seq, index, name) ?? `call_${request.seq}_${index}`,
    seal: (content: string) => seal(owner, content),
  };
  const answer = { ...plain, marks };
  const shared = wire === "openai-responses" ? responseMarks(request, owner, marks.callId, id) : undefined;
  let frames: readonly Frame[];
  if (!request.stream) {
    const document =
      style !== undefined
        ? chatWhole(request, answer, style)
        : shared !== undefined
          ? responsesWhole(request, answer, shared)
          : format.whole(request, answer);
    frames = [{ kind: "whole", bytes: Buffer.from(JSON.stringify(document)) }];
  } else {
    frames =
      style !== undefined
        ? chatFrames(request, answer, style)
        : shared !== undefined
          ? responsesFrames(request, answer, shared)
          : format.frames(request, answer, "asked");
  }
  yield okHead(request);
  for (const { bytes } of frames) yield bytesStep(bytes);
}

/** OpenAI encrypts its reasoning where the client asks for it; the others give it in clear. */
function responseMarks(
  { body, seq }: LabRequest,
  owner: string,
  callId: (index: number, name: string) => string,
  id: TwinId,
) {
  const asked = asList(body.include).includes("reasoning.encrypted_content");
  return {
    callId: (index: number) => callId(index, String(seq)),
    ...(id !== "openai" ? { open: true } : asked ? { encrypted: seal(owner, "reasoning") } : {}),
  };
}
