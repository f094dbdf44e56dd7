// Generated from schemas/ by `make generate`. Do not edit.

/**
 * The adapter package for the provider's wire format. Absent: openai-compatible. Generated from packages/adapters by `make generate`.
 */
export type AdapterName = "anthropic" | "cohere" | "demo" | "gemini" | "ollama" | "openai-compatible";
/**
 * What a model does.
 */
export type Operation = "chat" | "embedding" | "transcription" | "speech" | "image" | "rerank" | "moderation";

export interface Schemas {
  AdapterName?: AdapterName;
  AdapterManifest?: AdapterManifest;
  BaseModel?: BaseModel;
  ClientsFile?: ClientsFile;
  DataPolicy?: DataPolicy;
  DialectRules?: DialectRules;
  Dialects?: Dialects;
  ErrorRule?: ErrorRule;
  Exchanges?: Exchanges;
  Fallbacks?: Fallbacks;
  Groups?: Groups;
  Limit?: Limit;
  LocalCompose?: LocalCompose;
  LocalModelsFile?: LocalModelsFile;
  LocalProcess?: LocalProcess;
  LocalBackend?: LocalBackend;
  ModelMap?: ModelMap;
  Model?: Model;
  Operation?: Operation;
  Policies?: Policies;
  "Price tier"?: PriceTier;
  Price?: Price;
  ProviderFragment?: ProviderFragment;
  Rates?: Rates;
  RetiredModels?: RetiredModels;
  Retirement?: Retirement;
}
/**
 * The `headgate` field of an adapter package's package.json: what the adapter can carry.
 */
export interface AdapterManifest {
  /**
   * The name fragments use.
   */
  adapter: string;
  /**
   * Whether requests go over HTTP to the provider's base URL or are answered in-process.
   */
  transport: "http" | "in-process";
  /**
   * Operations the adapter serves. A model of another operation is in the catalogue, and requests to it get 501.
   */
  operations: Operation[];
  /**
   * Capabilities of chat models that the adapter can carry. A served model that claims another one is an error.
   */
  capabilities: string[];
}
/**
 * What is true of a model wherever it is served: `models/<id>.yaml`. Fragments refer to it by `base: <id>`.
 */
export interface BaseModel {
  /**
   * Upstream ids under which providers serve it, beside the file's name.
   *
   * @minItems 1
   */
  names?: string[];
  /**
   * The id of the provider that made it, where the catalogue has it: its fragment takes `price` over.
   */
  maker?: string;
  operation: Operation;
  /**
   * Context window: prompt and answer together, in tokens.
   */
  context_tokens?: number;
  /**
   * The longest answer, in tokens.
   */
  max_output_tokens?: number;
  /**
   * What the model can do beyond plain text. Absent: nothing beyond it is claimed.
   */
  capabilities?: (
    | "vision"
    | "tools"
    | "json"
    | "reasoning"
    | "audio-input"
    | "multilingual"
    | "streaming"
    | "diarization"
    | "translation"
    | "voice-cloning"
    | "agent"
  )[];
  /**
   * The efforts of thinking that it takes, from the least. Absent: none is known.
   *
   * @minItems 1
   */
  reasoning_efforts?: ("none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max")[];
  /**
   * Embeddings only: the space of its vectors. A fallback never leaves it.
   */
  vector_space?: string;
  /**
   * Embeddings only: the length of a vector.
   */
  dimensions?: number;
  /**
   * How hard a task it can do, for `auto` and the strategies of groups: 1 (a few billion parameters) to 5 (the best there is). Absent: 3.
   */
  intelligence?: number;
  price?: Price;
  /**
   * The day of its release, ISO 8601.
   */
  released?: string;
  /**
   * The day on which it is retired, announced ahead, ISO 8601. From that day on it is left out of chains.
   */
  retires?: string;
  deprecated?: Retirement;
  retired?: Retirement;
  /**
   * Properties whose values could not be placed in a source.
   */
  unverified?: ("context_tokens" | "max_output_tokens" | "capabilities" | "dimensions" | "price")[];
  /**
   * Where the facts come from and when they were read.
   *
   * @minItems 1
   */
  sources?: {
    /**
     * Which facts, in a few words.
     */
    what: string;
    /**
     * The page they were read on.
     */
    url?: string;
    /**
     * Where they were read, when it is no page: a package with its version, or a repository with its commit. Begin `what` with `unverified: ` where no page shows it.
     */
    from?: string;
    /**
     * The day they were read, ISO 8601.
     */
    date: string;
  }[];
  /**
   * One line for the generated docs, of each model that has none of its own.
   */
  notes?: string;
}
/**
 * The list price, whatever the tier, in US dollars: for a million tokens where tokens are counted. What is absent is unknown, and not free.
 */
export interface Price {
  /**
   * A million tokens of prompt.
   */
  input?: number;
  /**
   * A million tokens of answer.
   */
  output?: number;
  /**
   * A million tokens of reasoning, where they differ from the answer's.
   */
  reasoning?: number;
  /**
   * A million tokens of prompt that come from the provider's cache.
   */
  cache_read?: number;
  /**
   * A million tokens of prompt that are written to the provider's cache.
   */
  cache_write?: number;
  /**
   * A million tokens of sound in the prompt.
   */
  input_audio?: number;
  /**
   * A million tokens of pictures in the prompt.
   */
  input_image?: number;
  /**
   * A million tokens of sound in the answer.
   */
  output_audio?: number;
  /**
   * A million tokens of pictures in the answer.
   */
  output_image?: number;
  /**
   * One picture.
   */
  image?: number;
  /**
   * One picture, by `<quality>` or `<quality>/<width>x<height>`.
   */
  image_by_quality?: {
    [k: string]: number | undefined;
  };
  /**
   * One minute of sound.
   */
  minute?: number;
  /**
   * A million characters of text that is spoken.
   */
  million_characters?: number;
  /**
   * One query, such as a reranking of documents.
   */
  query?: number;
  /**
   * Dearer rates of long prompts, the lowest threshold first. The whole call counts by the rates of the last tier whose threshold its prompt exceeds.
   *
   * @minItems 1
   */
  tiers?: PriceTier[];
  /**
   * The day on which the price was read, ISO 8601.
   */
  date: string;
  /**
   * Where it was read: an address, or a package or repository at a version.
   */
  source: string;
}
/**
 * The rates of a call whose prompt has more tokens than a threshold, in US dollars for a million tokens.
 */
export interface PriceTier {
  /**
   * The threshold: tokens of the whole prompt.
   */
  above_tokens: number;
  /**
   * Tokens of prompt.
   */
  input: number;
  /**
   * Tokens of answer.
   */
  output: number;
  /**
   * Tokens of reasoning.
   */
  reasoning?: number;
  /**
   * Tokens of prompt from the cache.
   */
  cache_read?: number;
  /**
   * Tokens of prompt that are written to the cache.
   */
  cache_write?: number;
  /**
   * Tokens of sound.
   */
  input_audio?: number;
  /**
   * Tokens of pictures.
   */
  input_image?: number;
}
/**
 * The end of a model at a provider: the day, who says so, and what replaces it.
 */
export interface Retirement {
  /**
   * The day from which it holds, ISO 8601: as the provider states it, else the date of the first list that shows it.
   */
  date: string;
  /**
   * Who says so: an address, or a package or repository at a version.
   */
  source: string;
  /**
   * The alias that answers in its place: at the same provider first, else the same family elsewhere.
   */
  replaced_by?: string;
}
/**
 * Clients with keys of their own, as the user's overlay states them: `overlay/clients.yaml`. It holds no keys.
 */
export interface ClientsFile {
  /**
   * The address of this schema, for editors.
   */
  $schema?: string;
  /**
   * Each client's rules, by its name. A rule that is not written does not bound it.
   */
  clients: {
    [k: string]:
      | {
          /**
           * Names that it may ask for, with at most one `*` each.
           */
          models?: string | string[];
          /**
           * Its own names for models: a pattern, then the name that is meant.
           */
          map?:
            | string
            | {
                [k: string]: string | undefined;
              };
          /**
           * Requests a minute.
           */
          rpm?: number | string;
          /**
           * Requests a day (UTC).
           */
          rpd?: number | string;
          /**
           * Tokens a minute.
           */
          tpm?: number | string;
          /**
           * Tokens a day (UTC).
           */
          tpd?: number | string;
          /**
           * Requests at once.
           */
          concurrency?: number | string;
          /**
           * What it may cost.
           */
          spend?: string;
          /**
           * Who may serve it: free (with local), subscription, paid, local.
           */
          tier?: string | string[];
          /**
           * True: only providers that state that they train on no request.
           */
          no_training?: boolean;
          /**
           * background waits, and takes what is left over.
           */
          priority?: "interactive" | "background";
          /**
           * A period from the first time on, or a date.
           */
          expires?: string;
        }
      | undefined;
  };
}
/**
 * What a provider does with prompts and answers, by its own terms. Absent: not known, which `x-headgate-data: no-training` takes for training.
 */
export interface DataPolicy {
  /**
   * True when prompts or answers may train models, or are published, without the user's consent. Where a setting of the account decides: its default.
   */
  trains: boolean;
  /**
   * How long prompts and answers are kept: a clause without a full stop.
   */
  keeps?: string;
  /**
   * Where they are processed.
   */
  region?: string;
  /**
   * What a reader must know beside that: a clause without a full stop.
   */
  note?: string;
  /**
   * The day on which it was read, ISO 8601.
   */
  date: string;
  /**
   * The page that states it.
   */
  source: string;
}
/**
 * Where a provider or a model departs from its adapter's wire format, as data.
 */
export interface DialectRules {
  /**
   * The name of a profile in providers/dialects.yaml whose rules hold here too. A rule of this dialect overrides the profile's.
   */
  like?: string;
  /**
   * Request fields the provider refuses; they are left out and named in the response header x-headgate-dropped-params.
   */
  drop?: string[];
  /**
   * Request fields that the provider calls otherwise: ours, then theirs.
   */
  rename?: {
    [k: string]: string | undefined;
  };
  /**
   * JSON Schema keywords removed from tool parameters because the provider rejects them.
   */
  strip_tool_schema?: string[];
  /**
   * The path of the chat route under the base URL, where it is not the adapter's own.
   */
  chat_path?: string;
  /**
   * The path of the Responses route under the base URL, where the provider has one that agrees with OpenAI's. Stateless requests of clients of that API then pass through as they are.
   */
  responses_path?: string;
  /**
   * Chat requests that go by the Responses route: those with tools, those that search the web, or all of them. One with a field that only the chat route has stays there, unless it is all.
   *
   * @minItems 1
   */
  responses_for?: ("tools" | "search" | "all")[];
  /**
   * Upstream ids, each with at most one `*`, whose models take an assistant's message at the end as the beginning of their answer. For all other models a continuation sends a user's message, since many refuse anything else.
   *
   * @minItems 1
   */
  prefill?: string[];
  /**
   * Closed lists of fields, where the provider refuses all others. What is not listed is left out and named.
   */
  fields?: {
    /**
     * The request's own fields, by the wire's names. `model`, `messages`, `stream` and `tools` are always known.
     *
     * @minItems 1
     */
    known?: string[];
    /**
     * Fields of a message beside role, content, tool_calls and tool_call_id.
     */
    message?: string[];
    /**
     * Fields of a tool's function beside name, description and parameters.
     */
    tool?: string[];
  };
  /**
   * Values that the provider takes, by the wire's name of the field.
   */
  params?: {
    /**
     * One field's values.
     */
    [k: string]:
      | {
          /**
           * The only values that it takes; a field with another value is left out.
           *
           * @minItems 1
           */
          only?: (number | string | boolean)[];
          /**
           * The least number; a smaller one is raised to it.
           */
          min?: number;
          /**
           * The largest number; a larger one is lowered to it. Of a list: the number of its entries, of which the first are kept.
           */
          max?: number;
          /**
           * Sent where the client gives none.
           */
          default?: number | string | boolean;
          /**
           * False when the entries of a list may not be blank; blank ones are left out.
           */
          blank?: boolean;
        }
      | undefined;
  };
  /**
   * Fields that are refused beside others: they are left out and named.
   *
   * @minItems 1
   *
   * Items: One conflict.
   */
  conflicts?: {
    /**
     * A request field that is present, `thinking` where the model reasons for this request, or `not-thinking`.
     */
    when: string;
    /**
     * The fields that are left out then.
     *
     * @minItems 1
     */
    drop: string[];
  }[];
  /**
   * How a reasoning effort is sent. An effort that the model lacks is mapped to the nearest of its values, and named.
   */
  effort?: {
    /**
     * The efforts that it takes, `none` included where reasoning can be switched off. An empty list: it takes none, and the effort is left out.
     */
    values?: string[];
    /**
     * Efforts that become another value than the nearest.
     */
    map?: {
      [k: string]: string | undefined;
    };
    /**
     * The field that switches reasoning on and off: `thinking` is {type: enabled | disabled}, `enable_thinking` is true or false, `chat_template` is chat_template_kwargs.enable_thinking.
     */
    switch?: "thinking" | "enable_thinking" | "chat_template";
    /**
     * False when the effort itself is not sent, only the switch.
     */
    level?: boolean;
    /**
     * True when the model always reasons: no switch is sent, and a client's own is left out.
     */
    fixed?: boolean;
    /**
     * none: beside tools the effort none is sent, since the model takes functions with no other on the chat route.
     */
    tools?: "none";
    /**
     * True when the model reasons also where the client gives no effort.
     */
    on?: boolean;
    /**
     * True when only streamed answers may reason: a whole one is requested with the switch off.
     */
    streamed?: boolean;
  };
  /**
   * Where instructions may stand.
   */
  system?: {
    /**
     * False when the provider does not know the role developer, which becomes system.
     */
    developer?: boolean;
    /**
     * first: one system message at the front, into which later ones are merged. user: no system message at all; its text begins the first user message.
     */
    place?: "first" | "user";
  };
  /**
   * The reasoning of earlier assistant messages.
   */
  reasoning?: {
    /**
     * drop: it is left out. keep: it is sent. require: it is sent, and an assistant message with tool calls that lacks it gets the placeholder.
     */
    history?: "drop" | "keep" | "require";
    /**
     * The message's field that carries it. reasoning_details carries only what the provider sealed itself.
     */
    field?: "reasoning_content" | "reasoning" | "reasoning_details" | "thinking";
    /**
     * The text for `require` where the reasoning is not known.
     */
    placeholder?: string;
  };
  /**
   * The form of tool call ids. Others are mapped one to one, in the call and in its result.
   */
  call_ids?: {
    /**
     * The exact length, in characters.
     */
    length?: number;
    /**
     * The greatest length, in characters.
     */
    max?: number;
    /**
     * alphanumeric: letters and digits. word: also `_` and `-`.
     */
    chars?: "alphanumeric" | "word";
  };
  /**
   * The form of tool names. Others are shortened or rewritten one to one, everywhere in the request, and restored in the answer.
   */
  tool_names?: {
    /**
     * The greatest length, in characters.
     */
    max?: number;
    /**
     * word: letters, digits, `_` and `-`. dotted: also `.` and `:`.
     */
    chars?: "word" | "dotted";
    /**
     * letter: a letter or `_` comes first.
     */
    start?: "letter";
  };
  /**
   * The order of messages.
   */
  turns?: {
    /**
     * assistant: between a tool's result and a user message stands a short assistant message.
     */
    after_tool?: "assistant";
    /**
     * True when neighbours of one role are refused: they become one message.
     */
    alternate?: boolean;
    /**
     * user: the conversation ends with a user message or a tool's result. prefix: an assistant message at the end carries `prefix: true`.
     */
    last?: "user" | "prefix";
    /**
     * True when at least one user message is required: a short one is added.
     */
    user?: boolean;
  };
  /**
   * Calls and their results.
   */
  pairs?: {
    /**
     * repair: a call without a result gets a short one, results follow their calls directly, and a result without its call becomes the user's text.
     */
    results?: "repair";
    /**
     * True when only declared tools may stand in the history: others are declared without parameters.
     */
    declared?: boolean;
    /**
     * True when a message may hold one call only: parallel calls of the history become one message each.
     */
    single?: boolean;
  };
  /**
   * Empty messages and parts.
   */
  empty?: {
    /**
     * drop: a message without text and calls is left out.
     */
    messages?: "drop";
    /**
     * drop: blank text parts are left out of lists.
     */
    parts?: "drop";
    /**
     * What stands in place of text beside tool calls: null, an empty string, or no field.
     */
    content?: "null" | "empty" | "absent";
  };
  /**
   * Content of several text parts.
   */
  content?: {
    /**
     * Roles whose content must be one string: text parts are joined by a line break.
     *
     * @minItems 1
     */
    text?: ("system" | "user" | "assistant" | "tool")[];
  };
  /**
   * The arguments of calls in the history.
   */
  arguments?: {
    /**
     * object: text that is no JSON object is repaired; what cannot be repaired is kept under the name `arguments`.
     */
    valid?: "object";
  };
  /**
   * The part of JSON Schema that tool parameters may use.
   */
  schema?: {
    /**
     * What is rewritten. root: a root without type object. union: a root of alternatives becomes one object. properties: an object without properties gets an empty list. items: an array without items. boolean: a schema that is true or false. tuples: a list of items. branch-types: a type beside alternatives moves into them. references: keywords beside $ref are left out. required: names that no property has. enum-strings: enums of other values become text.
     *
     * @minItems 1
     */
    fix?: (
      | "root"
      | "union"
      | "properties"
      | "items"
      | "boolean"
      | "tuples"
      | "branch-types"
      | "references"
      | "required"
      | "enum-strings"
    )[];
    /**
     * Keywords that are left out, at any depth.
     *
     * @minItems 1
     */
    strip?: string[];
    /**
     * The formats of strings that are known; others are left out.
     */
    formats?: string[];
  };
  /**
   * response_format.
   */
  format?: {
    /**
     * True when json_object is refused unless a message holds the word JSON: a short system message with it is added.
     */
    json_word?: boolean;
    /**
     * schema: json_object is sent as an open json_schema.
     */
    json_object?: "schema";
    /**
     * omit: the default {type: text} is left out.
     */
    text?: "omit";
    /**
     * skip: a request for JSON goes to another candidate.
     */
    none?: "skip";
    /**
     * skip: a request for JSON beside tools goes to another candidate. drop: the format is left out beside tools.
     */
    tools?: "skip" | "drop";
  };
  /**
   * Tools and the fields beside them.
   */
  tools?: {
    /**
     * The number of tools at most; a request with more goes to another candidate.
     */
    max?: number;
    /**
     * The calls of one message at most; more are split into several rounds.
     */
    max_calls?: number;
    /**
     * drop: parallel_tool_calls is left out.
     */
    parallel?: "drop";
    /**
     * required: a tool without parameters gets an object without properties.
     */
    parameters?: "required";
  };
  /**
   * The choice among tools.
   */
  tool_choice?: {
    /**
     * The choices that it takes; `named` is one tool by its name. required and named become auto where they are missing, auto is left out, and none leaves out the tools.
     */
    values?: ("auto" | "none" | "required" | "named")[];
    /**
     * What a forced tool means for a model that reasons: auto: the choice becomes auto. off: reasoning is switched off for this request.
     */
    thinking?: "auto" | "off";
  };
  /**
   * Images and files.
   */
  media?: {
    /**
     * note: a short text stands in place of each image of earlier messages; a new one goes to another candidate.
     */
    none?: "note";
    /**
     * The number of images at most; a request with more goes to another candidate.
     */
    max_images?: number;
    /**
     * False when images must come as data: a request with an image's URL goes to another candidate.
     */
    urls?: boolean;
    /**
     * move: an image in a tool's result moves into the user message behind it, and a note stands in its place.
     */
    results?: "move";
  };
  /**
   * cache_control of messages and tools.
   */
  cache?: {
    /**
     * The number of marks at most, of which the last are kept; 0: none.
     */
    marks?: number;
    /**
     * False when tools take no mark.
     */
    tools?: boolean;
  };
  /**
   * The provider's answers.
   */
  answers?: {
    /**
     * True when answers depart from the wire (content as a list, calls without an index or a type): they are written anew for clients of the same wire.
     */
    normalise?: boolean;
    /**
     * True when lists and objects among a call's arguments may come as JSON text once more: they are read where the tool's schema wants a list or an object.
     */
    nested?: boolean;
  };
}
/**
 * providers/dialects.yaml: dialects that several providers share, by name.
 */
export interface Dialects {
  /**
   * Name → its rules. A provider or model takes them over with `like`.
   */
  profiles: {
    [k: string]: DialectRules | undefined;
  };
}
/**
 * What a provider really means by an error. Rules are tried in order, before the general rules; every condition given must hold.
 */
export interface ErrorRule {
  /**
   * The HTTP status that the provider sends.
   */
  status?: number;
  /**
   * Text that the error's body contains, compared without regard to case.
   */
  contains?: string;
  /**
   * The error's `code` or `type` field, exactly.
   */
  code?: string;
  /**
   * What the failure is; decides whether the next candidate is tried and how long this one cools down.
   */
  class:
    | "rate_limit"
    | "daily_quota"
    | "monthly_quota"
    | "out_of_credit"
    | "dead_key"
    | "permission"
    | "model_gone"
    | "context_window"
    | "content_filter"
    | "bad_request"
    | "overloaded"
    | "server_error"
    | "timeout"
    | "network"
    | "malformed";
  /**
   * Where this was seen and why it means that.
   */
  why: string;
}
/**
 * Exchanges that prove a fragment's claims: `providers/<id>/fixtures/exchanges.json`. Each error rule needs an answer that it decides, each rule of a dialect a request that is sent otherwise without it.
 */
export interface Exchanges {
  /**
   * The address of this schema, for editors.
   */
  $schema?: string;
  /**
   * Requests, and what is sent in their place.
   *
   * @minItems 1
   */
  requests?: {
    /**
     * What the provider refuses or calls otherwise.
     */
    why: string;
    /**
     * Rules of the dialect without which the request is sent otherwise. A test takes each away and compares.
     *
     * @minItems 1
     */
    proves?: (
      | "drop"
      | "rename"
      | "strip_tool_schema"
      | "fields"
      | "params"
      | "conflicts"
      | "effort"
      | "system"
      | "reasoning"
      | "call_ids"
      | "tool_names"
      | "turns"
      | "pairs"
      | "empty"
      | "content"
      | "arguments"
      | "schema"
      | "format"
      | "tools"
      | "tool_choice"
      | "media"
      | "cache"
    )[];
    /**
     * A client's chat completion request. Its `model` is the upstream id.
     */
    asked: {
      /**
       * The upstream id.
       */
      model: string;
      /**
       * As the client sends them.
       *
       * @minItems 1
       */
      messages: unknown[];
    };
    /**
     * The body that the provider gets.
     */
    sent: {};
    /**
     * The names in the response header x-headgate-dropped-params.
     */
    dropped: string[];
  }[];
  /**
   * Answers with an error, and the class that the fragment's rules give them.
   *
   * @minItems 1
   */
  errors?: {
    /**
     * Where the body is from. `recorded`: captured from the wire; `documented`: in the provider's docs; `reported`: by users; `sketched`: made from the rule's words.
     */
    basis: "recorded" | "documented" | "reported" | "sketched";
    /**
     * The HTTP status.
     */
    status: number;
    /**
     * Headers of the answer, without keys and ids.
     */
    headers?: {
      [k: string]: string | undefined;
    };
    /**
     * The answer's body: JSON, or a text.
     */
    body: {
      [k: string]: unknown | undefined;
    };
    /**
     * What the failure is.
     */
    class:
      | "rate_limit"
      | "daily_quota"
      | "monthly_quota"
      | "out_of_credit"
      | "dead_key"
      | "permission"
      | "model_gone"
      | "context_window"
      | "content_filter"
      | "bad_request"
      | "overloaded"
      | "server_error"
      | "timeout"
      | "network"
      | "malformed";
  }[];
}
/**
 * fallbacks/fallbacks.json: which aliases are tried when one fails, in order.
 */
export interface Fallbacks {
  /**
   * For editors.
   */
  $schema?: string;
  /**
   * Name → aliases in the order they are tried. Chains refer to it as `@name`, alone or as an entry; an alias is skipped in its own chain, and so is what a chain has already.
   */
  ladders?: {
    [k: string]: string[] | undefined;
  };
  /**
   * Alias → the aliases and `@ladders` tried after it. An empty list: it has no fallback.
   */
  chains: {
    [k: string]: string[] | string | undefined;
  };
  /**
   * Operation → the aliases and `@ladders` tried for an alias that has no chain of its own; or, by tier, for an alias of that tier.
   */
  default?: {
    [k: string]:
      | string[]
      | {
          [k: string]: string[] | undefined;
        }
      | undefined;
  };
  /**
   * Alias → aliases with a larger window and `@ladders` of such, tried when a prompt does not fit. `*`: for every chat model without a list of its own that is not local; of its targets those with a larger window are tried.
   */
  context_window?: {
    /**
     * @minItems 1
     */
    [k: string]: string[] | undefined;
  };
}
/**
 * fallbacks/groups.json: one model name for an ordered list of aliases, or for one alias alone.
 */
export interface Groups {
  /**
   * For editors.
   */
  $schema?: string;
  /**
   * Group name → its members.
   */
  groups: {
    [k: string]:
      | {
          /**
           * One line for /v1/models and the docs.
           */
          description: string;
          operation: Operation;
          /**
           * Aliases in the order they are tried; all of the group's operation.
           *
           * @minItems 1
           */
          members: string[];
          /**
           * How the members are ordered for each request: `priority` (in the order written), `weighted` (at random, by `weights`), or by what the gateway has learned and the fragments state: `balanced`, `fastest`, `smartest`, `cheapest`, `reliable`. A client may ask for another: `auto:fastest`.
           */
          strategy?: "priority" | "weighted" | "balanced" | "fastest" | "smartest" | "cheapest" | "reliable";
          /**
           * Member → its share of the requests, for the strategy `weighted`; members that are not named have 1.
           */
          weights?: {
            [k: string]: number | undefined;
          };
          /**
           * Chat models of the operator's own servers, which no fragment names: `near` adds those on this machine and its network after the members, `all` every one. A group has what its fallbacks have.
           */
          own_models?: "near" | "all";
          /**
           * Groups whose own members are tried after this one's, in order and each alias once. Their fallbacks are not followed, so two groups may name each other.
           *
           * @minItems 1
           */
          fallback?: string[];
        }
      | undefined;
  };
  /**
   * Name → one alias, tried alone: neither its chain nor the model map is used.
   */
  direct?: {
    [k: string]:
      | {
          /**
           * The alias that answers.
           */
          alias: string;
          /**
           * One line for /v1/models and the docs.
           */
          description?: string;
        }
      | undefined;
  };
}
/**
 * One quota as the provider states it: how much, of what, over which window, counted per what.
 */
export interface Limit {
  /**
   * What the quota is counted per: the whole account (all models together), each model, or the caller's IP address.
   */
  scope: "account" | "model" | "ip" | "ip-model";
  /**
   * What is counted. `concurrency` is requests in flight and has no window; `usd` is money in dollars.
   */
  unit: "requests" | "tokens" | "inputs" | "images" | "concurrency" | "usd" | "neurons";
  /**
   * How many units fit into one window.
   */
  amount: number;
  /**
   * How long the window is. Required for every unit except concurrency.
   */
  window?: "minute" | "hour" | "day" | "month";
  /**
   * How the window comes back: `rolling` (each unit returns one window after it was used), `bucket` (refills continuously), `00:00 UTC` or `00:00 America/Los_Angeles` (a day that starts at midnight there), `1st 00:00 UTC` (a calendar month), `unknown` (the provider does not state it; counted as rolling).
   */
  reset?: string;
  /**
   * Only these operations count against the quota. Absent: all of them.
   *
   * @minItems 1
   */
  operations?: Operation[];
  /**
   * Upstream ids that share this quota; `*` at the end matches any ending, at the start any beginning. Absent: all models of the provider.
   *
   * @minItems 1
   */
  models?: string[];
  /**
   * True where calls that are refused or fail count as well; most providers count only what they answered.
   */
  counts_failed?: boolean;
  /**
   * False when the figure could not be placed in an official source.
   */
  verified?: boolean;
  /**
   * What a reader must know about this figure.
   */
  note?: string;
}
/**
 * The backend as a container. Its service and its profile are called as the provider; it gets the GPU when one of its models does.
 */
export interface LocalCompose {
  /**
   * The image, with a tag.
   */
  image?: string;
  /**
   * The source that the image is built from, where none is published.
   */
  build?: {
    /**
     * A Git address with a commit and a folder.
     */
    context: string;
    /**
     * The Dockerfile in it.
     */
    dockerfile: string;
  };
  /**
   * The port it listens on in its container.
   */
  port: number;
  /**
   * What is run in place of the image's own command.
   *
   * @minItems 1
   */
  command?: string[];
  /**
   * Its variables. `${NAME:-default}` is filled in from .env. Never a secret.
   */
  environment?: {
    [k: string]: string | undefined;
  };
  /**
   * What it keeps: a folder under HEADGATE_DATA_DIR, and where it is in the container.
   */
  data?: {
    /**
     * The folder; backends that name the same one share it.
     */
    folder: string;
    /**
     * The path in the container.
     */
    target: string;
  };
  /**
   * The command that succeeds in the container once it accepts requests.
   *
   * @minItems 1
   */
  health?: string[];
  /**
   * How long a failing health check counts as starting (default: 60s).
   */
  start_period?: string;
  /**
   * Linux capabilities that it cannot do without; all others are dropped.
   */
  capabilities?: ("CHOWN" | "DAC_OVERRIDE" | "FOWNER" | "SETGID" | "SETUID")[];
}
/**
 * What the user wants of local models, in the overlay: `overlay/local.yaml`.
 */
export interface LocalModelsFile {
  /**
   * The address of this schema, for editors.
   */
  $schema?: string;
  /**
   * Aliases of local models that are loaded at the start, stay loaded without requests, and are loaded again when there is room.
   */
  warm?: string[];
}
/**
 * The backend as a program that Headgate starts, watches and stops. `{host}` and `{port}` are those of the address, `{data}` is the backend's folder under HEADGATE_DATA_DIR.
 */
export interface LocalProcess {
  /**
   * The program, found on PATH.
   */
  command?: string;
  /**
   * A server that comes with Headgate, in place of a program.
   */
  builtin?: "espeak";
  /**
   * Programs beside it that must be on PATH.
   *
   * @minItems 1
   */
  needs?: string[];
  /**
   * Its arguments.
   */
  args?: string[];
  /**
   * Variables it gets beside the few that every program needs. Never a secret.
   */
  environment?: {
    [k: string]: string | undefined;
  };
  /**
   * Variables of the shell that it gets where they are set.
   */
  inherit?: string[];
  /**
   * How to get the program, as a clause without a full stop.
   */
  install: string;
}
/**
 * A backend on this machine: its driver, how many models it serves at a time, and how it is started.
 */
export interface LocalBackend {
  /**
   * The driver that loads, unloads and measures its models. `sdcpp` is the wrapper around stable-diffusion.cpp, `sd-server` stable-diffusion.cpp's own server; `process` is a server whose models come and go with it.
   */
  driver: "ollama" | "talkies" | "sdcpp" | "sd-server" | "llamacpp" | "vllm" | "process";
  /**
   * How many models it holds or works with at a time, where it has a bound that its kind does not fix.
   */
  slots?: number;
  /**
   * How Headgate starts it. Absent: it must be running already.
   */
  bring_up?: {
    /**
     * The way when .env names none and no address of its own: `external` (it runs already), `compose` (a container) or `process` (Headgate starts the program).
     */
    default: "external" | "compose" | "process";
    /**
     * The .env variable that chooses the way.
     */
    env: string;
    /**
     * The path, from the address's root, that answers 2xx once the backend accepts requests.
     */
    health: string;
    /**
     * How long it may take until it accepts requests (default: 2m).
     */
    ready?: string;
    compose?: LocalCompose;
    process?: LocalProcess;
  };
}
/**
 * fallbacks/model-map.json: the targets of model names that clients have built in.
 */
export interface ModelMap {
  /**
   * For editors.
   */
  $schema?: string;
  /**
   * Pattern → aliases, groups or direct names; the first active one is used. A pattern is a name with at most one `*`, which matches any text. A real name always wins over a pattern, an exact pattern over one with `*`, and a longer one over a shorter.
   */
  map: {
    /**
     * @minItems 1
     */
    [k: string]: string[] | undefined;
  };
}
/**
 * One model of a provider, under the alias that clients use. With `base` it states only what differs at this provider.
 */
export interface Model {
  /**
   * The name clients send as `model`. Unique over the whole catalogue.
   */
  alias: string;
  /**
   * The file of models/ that states what is true of the model wherever it is served. What stands here replaces what stands there.
   */
  base?: string;
  /**
   * The id the provider knows the model by. Absent: the name of the base.
   */
  upstream?: string;
  operation?: Operation;
  /**
   * The model's own tier, where it differs from the provider's.
   */
  tier?: "free" | "subscription" | "paid" | "local";
  /**
   * Context window: prompt and answer together, in tokens.
   */
  context_tokens?: number;
  /**
   * The longest answer, in tokens.
   */
  max_output_tokens?: number;
  /**
   * The efforts of thinking that it takes, from the least. Absent: none is known.
   *
   * @minItems 1
   */
  reasoning_efforts?: ("none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max")[];
  price?: Price;
  /**
   * Why the list price is not known: a clause without a full stop. A paid model has this or `price`.
   */
  price_unknown?: string;
  /**
   * How hard a task it can do, for `auto` and the strategies of groups: 1 (a few billion parameters) to 5 (the best there is). Absent: 3.
   */
  intelligence?: number;
  /**
   * What the model can do beyond plain text. Absent: nothing beyond it is claimed.
   */
  capabilities?: (
    | "vision"
    | "tools"
    | "json"
    | "reasoning"
    | "audio-input"
    | "search"
    | "multilingual"
    | "streaming"
    | "diarization"
    | "translation"
    | "voice-cloning"
    | "agent"
  )[];
  /**
   * Embeddings only: the space of its vectors. A fallback never leaves it.
   */
  vector_space?: string;
  /**
   * Embeddings only: the length of a vector.
   */
  dimensions?: number;
  /**
   * Local models only: the memory one residency needs, and where.
   */
  memory?: {
    /**
     * Where the memory is taken.
     */
    device: "cpu" | "cuda";
    /**
     * How much, as a number with a unit (MB, GB: powers of ten; MiB, GiB: powers of two).
     */
    bytes: string;
    /**
     * What each running job takes beside that (default: nothing).
     */
    transient?: string;
    /**
     * The memory for each token of a larger context that a client requests with num_ctx (default: a high estimate from the bytes). It is the KV cache, 2 (keys and values) × layers × KV heads × head size × 2 bytes, and without flash attention about 2 KiB × heads more.
     */
    context_token?: string;
    /**
     * How long loading takes (default: estimated from the bytes).
     */
    load?: string;
    /**
     * How many jobs one residency works on at a time (default: the driver's).
     */
    concurrency?: number;
    /**
     * Load options that make another residency, such as Ollama's num_ctx; they go with every request.
     */
    options?: {
      [k: string]: number | boolean | undefined;
    };
    /**
     * True when it is never unloaded to make room.
     */
    pinned?: boolean;
    /**
     * True when it is loaded at the start, and again once there is room after it made way for a request. Usually written in the overlay.
     */
    warm?: boolean;
    /**
     * How long it stays loaded without work (default: the driver's).
     */
    idle_unload?: string;
  };
  /**
   * Properties of the base that are not known to hold at this provider.
   *
   * @minItems 1
   */
  lacks?: ("context_tokens" | "max_output_tokens" | "capabilities" | "intelligence" | "reasoning_efforts")[];
  /**
   * Why this provider's figures differ from the base's: a clause without a full stop. Not needed for properties that `unverified` names.
   */
  departs?: string;
  dialect?: DialectRules;
  rates?: Rates;
  /**
   * Quotas of this model alone, after those of `rates`.
   */
  limits?: Limit[];
  /**
   * The day of its release, ISO 8601.
   */
  released?: string;
  /**
   * The day on which it is retired, announced ahead, ISO 8601. From that day on it is left out of chains.
   */
  retires?: string;
  deprecated?: Retirement;
  retired?: Retirement;
  /**
   * Properties of this model whose values could not be placed in a source.
   */
  unverified?: (
    "upstream" | "context_tokens" | "max_output_tokens" | "capabilities" | "dimensions" | "memory" | "tier" | "price"
  )[];
  /**
   * One line for the generated docs.
   */
  notes?: string;
}
/**
 * Quotas of one model in short: each figure is a limit of its own, in the order minute, hour, day, month.
 */
export interface Rates {
  /**
   * Requests, by window.
   */
  requests?: {
    [k: string]: number | undefined;
  };
  /**
   * Tokens, by window.
   */
  tokens?: {
    [k: string]: number | undefined;
  };
  /**
   * How all of these windows come back; see `reset` of a limit.
   */
  reset?: string;
  /**
   * How the day comes back, where the shorter windows come back otherwise.
   */
  day_reset?: string;
  /**
   * False when the figures could not be placed in an official source.
   */
  verified?: boolean;
  /**
   * What a reader must know about the last of the figures.
   */
  note?: string;
}
/**
 * fallbacks/policies.json: how a name's requests are carried through slow and broken upstreams.
 */
export interface Policies {
  /**
   * For editors.
   */
  $schema?: string;
  /**
   * Alias, group, direct name, or `*` for all of them → its policy. A name's own fields weigh more than those of `*`; a name of the model map has the policy of what it leads to.
   */
  policies: {
    [k: string]:
      | {
          /**
           * How long a candidate may take to its first content, in milliseconds, before the next one is tried instead. The last candidate keeps its normal timeout. Five times as long for an answer that is not streamed. Weighs more than the provider's own.
           */
          first_token_ms?: number;
          /**
           * After how many milliseconds without content the next candidate is tried too. The first of the two with content is used, and the other is cancelled. At most one extra call for a request, and a cancelled one may be billed. 0: never.
           */
          hedge_after_ms?: number;
          /**
           * What happens to a stream that breaks after content. error: it ends with an error frame. restart: the next candidate starts anew, where the client has no text yet. continue: the next candidate goes on from what the client has.
           */
          midstream?: "error" | "restart" | "continue";
          /**
           * How long a request waits, in milliseconds, for a local model that is busy or has no memory, before the next candidate is tried. Once its model is being loaded for it, it waits for that load. Default: 3000 where another candidate is open, 120000 where none is.
           */
          local_wait_ms?: number;
          /**
           * How answers are cached where HEADGATE_CACHE is on (docs/cache.md): off, on, or a period such as 1h; on and a period hold at every temperature. With shared, clients share their answers; with tools, answers with tool calls are stored too.
           */
          cache?: string;
        }
      | undefined;
  };
}
/**
 * One provider: `providers/<id>/provider.yaml`. The id is the folder's name.
 */
export interface ProviderFragment {
  /**
   * The provider's name as people write it.
   */
  name: string;
  /**
   * One line: what it is good for.
   */
  summary: string;
  /**
   * The .env variable that switches the provider on when it is 1. The key alone does nothing. Absent: the folder's name in capitals, hyphens as underscores.
   */
  flag?: string;
  /**
   * What using it costs: nothing within limits, an existing subscription, money per call, or your own hardware.
   */
  tier: "free" | "subscription" | "paid" | "local";
  adapter?: AdapterName;
  /**
   * Where requests go: the official address without a trailing slash, https:// unless the provider is local; or a mapping. Adapters that answer in-process have none.
   */
  base_url?:
    | string
    | {
        /**
         * The official address, without a trailing slash. https:// unless the provider is local.
         */
        default?: string;
        /**
         * The .env variable that overrides it. Absent: `<FLAG>_BASE_URL`, from the folder's name.
         */
        env?: string;
      };
  /**
   * How requests prove who they are. Absent: a bearer key in `<FLAG>_API_KEY`, from the folder's name; for a local provider no key.
   */
  auth?: {
    /**
     * `bearer`: Authorization: Bearer <key>. `header`: the key alone in the header named by `header`. `account-token`: the key is `account:token`; the token goes as bearer, the account in place of {account} in base_url. `none`: no key at all. Absent: bearer.
     */
    scheme?: "bearer" | "header" | "account-token" | "none";
    /**
     * The header that carries the key when the scheme is `header`.
     */
    header?: string;
    /**
     * The .env variable with the first key. Further keys follow as `<env>_2`, `<env>_3`, … Absent: `<FLAG>_API_KEY`, from the folder's name.
     */
    env?: string;
    /**
     * True when the provider also answers without a key.
     */
    optional?: boolean;
    /**
     * Variable names that people set by mistake; they are diagnosed when found.
     */
    mistaken?: string[];
  };
  /**
   * Fixed headers for every request to this provider. Never a secret.
   */
  headers?: {
    [k: string]: string | undefined;
  };
  /**
   * For servers that only the operator knows, as many as .env names: `<prefix>_1_BASE_URL`, `<prefix>_1_API_KEY`, `<prefix>_1_MODELS` (comma-separated upstream ids), then `<prefix>_2_…`. Each model gets the alias `<provider>-<number>-<upstream id>`. Takes the place of base_url, auth and models.
   */
  instances?: {
    /**
     * What the variables start with.
     */
    prefix: string;
    /**
     * What every model is taken to be capable of, since nothing states it; the adapter must carry it.
     */
    capabilities?: ("vision" | "tools" | "json" | "reasoning" | "audio-input" | "multilingual" | "agent")[];
  };
  local?: LocalBackend;
  /**
   * An .env variable with a comma-separated list of upstream ids; when set, only these models are offered.
   */
  models_env?: string;
  dialect?: DialectRules;
  /**
   * Rules for some of the models, on top of the dialect: each entry is for the upstream ids that it matches, and a later entry overrides an earlier one.
   *
   * @minItems 1
   *
   * Items: Rules for the models that it matches.
   */
  model_dialects?: {
    /**
     * Upstream ids, each with at most one `*`.
     *
     * @minItems 1
     */
    match: string[];
    /**
     * Upstream ids that it does not match.
     *
     * @minItems 1
     */
    except?: string[];
    dialect: DialectRules;
  }[];
  /**
   * Models that search the web themselves, and how a request asks for it. They get the capability `search`.
   */
  web_search?: {
    /**
     * Upstream ids, each with at most one `*`.
     *
     * @minItems 1
     */
    models: string[];
    /**
     * On OpenAI's wire: members of the request that switch the search on. Absent: the models decide by themselves.
     */
    set?: {
      [k: string]: unknown | undefined;
    };
  };
  /**
   * The provider's own timeouts in milliseconds, where the gateway's would be wrong.
   */
  timeouts?: {
    /**
     * Connect timeout, in milliseconds.
     */
    connect_ms?: number;
    /**
     * First-token timeout, in milliseconds: from sending the request to the first content.
     */
    first_token_ms?: number;
    /**
     * Idle timeout, in milliseconds, between two pieces of a stream.
     */
    stream_idle_ms?: number;
    /**
     * Timeout of the whole attempt, in milliseconds.
     */
    request_ms?: number;
    /**
     * Why the gateway's own limits and an operator's HEADGATE_* timeout would be wrong here, in one sentence. With it these timeouts count before both; without it an operator's timeout counts, and first_token_ms counts only where no other candidate is open and for whole answers, if it is longer than the gateway's.
     */
    why?: string;
  };
  /**
   * Quotas that hold for the provider as a whole.
   */
  limits?: Limit[];
  /**
   * Kinds of accounts with other limits, by name; `<FLAG>_PLAN` in .env chooses one. Without it the limits of `limits` and of the models hold.
   */
  plans?: {
    [k: string]:
      | {
          /**
           * Who has this plan: a clause without a full stop.
           */
          description: string;
          /**
           * The quotas that hold in place of the provider's `limits`.
           */
          limits?: Limit[];
          data?: DataPolicy;
          /**
           * Alias → the quotas that hold in place of the model's `limits`.
           */
          models?: {
            [k: string]: Limit[] | undefined;
          };
        }
      | undefined;
  };
  /**
   * What this provider's errors mean, where they differ from the usual meaning.
   */
  errors?: ErrorRule[];
  /**
   * The page where a user gets an account or a key.
   */
  signup?: string;
  /**
   * The official page that states the limits.
   */
  limits_page?: string;
  data?: DataPolicy;
  /**
   * What keeps the provider from working as it should. Absent: nothing is known.
   */
  status?: {
    /**
     * `limited`: it works for some accounts or only partly. `unusable`: it never becomes active, whatever .env sets.
     */
    state: "limited" | "unusable";
    /**
     * What is wrong and, where there is one, the remedy: a clause without a full stop.
     */
    reason: string;
    /**
     * The day from which this is known, ISO 8601.
     */
    since: string;
  };
  /**
   * Markdown for the generated docs: what a user must know before relying on it.
   */
  notes?: string;
  /**
   * Where the facts come from and when they were read.
   *
   * @minItems 1
   */
  sources: {
    /**
     * Which facts, in a few words.
     */
    what: string;
    /**
     * The page they were read on.
     */
    url?: string;
    /**
     * Where they were read, when it is no page: a package with its version, or a repository with its commit. Begin `what` with `unverified: ` where no page shows it.
     */
    from?: string;
    /**
     * The day they were read, ISO 8601.
     */
    date: string;
  }[];
  /**
   * The models, each under its alias.
   *
   * @minItems 1
   */
  models?: Model[];
}
/**
 * Models that a provider's lists no longer have: `providers/<id>/retired.yaml`. Each is written as in the fragment, with `retired`.
 */
export interface RetiredModels {
  /**
   * The models, each under the alias it had.
   *
   * @minItems 1
   */
  models: Model[];
}
