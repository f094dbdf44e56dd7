/** Small words for JSON Schemas (2020-12), so that a document reads as what it describes. */
import type { JsonObject, JsonValue } from "@headgate/contract";

export type Schema = JsonObject;

export const text: Schema = { type: "string" };
export const whole: Schema = { type: "integer" };
export const number: Schema = { type: "number" };
export const flag: Schema = { type: "boolean" };
export const anything: Schema = {};
/** ISO 8601, UTC. */
export const moment: Schema = { type: "string", format: "date-time" };
/** Ms since the epoch. */
export const epochMs: Schema = { type: "number", description: "ms since the epoch" };

export const words = (...values: readonly string[]): Schema => ({ enum: [...values] });
export const list = (items: Schema): Schema => ({ type: "array", items });
export const mapOf = (values: Schema): Schema => ({ type: "object", additionalProperties: values });
export const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
export const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: "null" }] });
export const oneOf = (...schemas: readonly Schema[]): Schema => ({ anyOf: [...schemas] });

/** Every property is there, and no other. @param optional those that may be absent */
export const object = (
  properties: Readonly<Record<string, Schema>>,
  optional: Readonly<Record<string, Schema>> = {},
): Schema => ({
  type: "object",
  properties: { ...properties, ...optional },
  required: Object.keys(properties),
  additionalProperties: false,
});

/** Others may be there: a client's request, or another API's answer. */
export const open = (
  properties: Readonly<Record<string, Schema>>,
  optional: Readonly<Record<string, Schema>> = {},
): Schema => ({
  ...object(properties, optional),
  additionalProperties: true,
});

export interface Operation {
  readonly summary: string;
  readonly query?: Readonly<Record<string, Schema>>;
  readonly body?: Schema;
  readonly form?: Schema;
  /** The answer by its status; undefined: none. */
  readonly answers: Readonly<Record<number, Schema | undefined>>;
  /** Of the answers; absent: JSON. */
  readonly type?: string;
  readonly open?: true;
}

export type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

/** An OpenAPI 3.1 document. https://spec.openapis.org/oas/v3.1.0 */
export function documentOf(
  title: string,
  version: string,
  paths: Paths,
  schemas: Readonly<Record<string, Schema>>,
  cookie: boolean,
): JsonObject {
  const bearer = { master: { type: "http", scheme: "bearer" } };
  return {
    openapi: "3.1.0",
    info: { title, version },
    security: cookie ? [{ master: [] }, { session: [] }] : [{ master: [] }],
    paths: Object.fromEntries(
      Object.entries(paths).map(([path, operations]) => [
        path,
        Object.fromEntries(
          Object.entries(operations).map(([method, operation]) => [method, operationOf(path, operation)]),
        ),
      ]),
    ),
    components: {
      schemas: { ...schemas, Error: ERROR },
      securitySchemes: cookie
        ? { ...bearer, session: { type: "apiKey", in: "cookie", name: "headgate_4000" } }
        : bearer,
    },
  };
}

const ERROR: Schema = open({
  error: open({ message: text, type: text }, { code: orNull(text), param: orNull(text) }),
});

function operationOf(
  path: string,
  { summary, query = {}, body, form, answers, type, open: isOpen }: Operation,
): JsonObject {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(
    ([, name = ""]): JsonValue => ({
      name,
      in: "path",
      required: true,
      schema: text,
    }),
  );
  const inQuery = Object.entries(query).map(([name, schema]): JsonValue => ({ name, in: "query", schema }));
  const content = (schema: Schema, media = "application/json"): JsonObject => ({
    content: { [media]: { schema } },
  });
  return {
    summary,
    ...(isOpen === true ? { security: [] } : {}),
    ...(inPath.length + inQuery.length === 0 ? {} : { parameters: [...inPath, ...inQuery] }),
    ...(body === undefined ? {} : { requestBody: content(body) }),
    ...(form === undefined ? {} : { requestBody: content(form, "multipart/form-data") }),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, schema]) => [
          status,
          { description: summary, ...(schema === undefined ? {} : content(schema, type)) },
        ]),
      ),
      default: { description: "An error, with what to do about it.", ...content(ref("Error")) },
    },
  };
}
