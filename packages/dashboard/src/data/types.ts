/** The answers of the admin routes that the page reads. GET /admin/openapi.json describes them all. */

export interface Session {
  readonly version: string;
  readonly by: "session" | "key";
}

export interface GatewayState {
  readonly started_at: string;
  readonly table: string;
  readonly in_flight: number;
  readonly cooldowns: number;
  readonly settled: string;
}

export interface Cooldown {
  readonly category: string | null;
  readonly since: string | null;
  readonly until: string | null;
  readonly hits: number;
  readonly last_error: string | null;
}
export interface ListedCooldown extends Cooldown {
  readonly provider: string;
  readonly key: string | null;
  readonly model: string | null;
}

export interface Group {
  readonly name: string;
  readonly upstreams: number;
  readonly providers: number;
  readonly healthy: number;
  readonly cooling: number;
  readonly requests_60_min: number | null;
  readonly state: "HEALTHY" | "DEGRADED" | "ALL COOLING";
}

export interface Status {
  readonly status: string;
  readonly version: string;
  readonly started_at: string;
  readonly table: { readonly fingerprint: string; readonly providers: number; readonly models: number };
  readonly in_flight: number;
  readonly groups: readonly Group[];
  readonly cooldowns: readonly ListedCooldown[];
  readonly spend: {
    readonly limit_usd: number;
    readonly window: string;
    readonly used_usd: number;
    readonly resets_at: string | null;
  } | null;
  readonly log: readonly string[];
}

export interface QuotaLimit {
  readonly provider: string;
  readonly keys: readonly string[];
  readonly models: readonly string[];
  readonly unit: string;
  readonly window: string | null;
  readonly amount: number;
  readonly learned: string | null;
  readonly used: number;
  readonly left: number;
  readonly resets_at: string | null;
}
export interface Quota {
  readonly at: string;
  readonly limits: readonly QuotaLimit[];
  readonly free: {
    readonly models: number;
    readonly left: { readonly requests: number | null; readonly tokens: number | null };
    readonly rate_per_hour: { readonly requests: number; readonly tokens: number };
    readonly rate_hours: number;
    readonly lasts_until: string | null;
    readonly horizon_hours: number;
    readonly second_account: { readonly provider: string; readonly lasts_until: string | null } | null;
  };
}

export interface RequestRow {
  readonly uid: string;
  readonly id: string;
  readonly at: number;
  readonly client: string;
  readonly program: string | null;
  readonly surface: string;
  readonly operation: string | null;
  readonly model: string;
  readonly served: { readonly provider: string; readonly model: string } | null;
  readonly stream: boolean;
  readonly outcome: "answered" | "broken" | "aborted" | "refused";
  readonly status: number;
  readonly attempts: number;
  readonly first_token_ms: number | null;
  readonly duration_ms: number;
  readonly input_tokens: number | null;
  readonly output_tokens: number | null;
  readonly counted: "upstream" | "estimated" | null;
  readonly cost_nano_usd: number | null;
  readonly error: string | null;
}

interface Candidate {
  readonly provider: string;
  readonly model: string;
  readonly upstream: string;
  readonly key?: string;
}
export interface Usage {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly cachedInputTokens?: number;
  readonly reasoningTokens?: number;
}
export interface RequestStory {
  readonly record: {
    readonly uid: string;
    readonly id: string;
    readonly atMs: number;
    readonly client: string;
    readonly program?: string;
    readonly surface: string;
    readonly operation?: string;
    readonly model: string;
    readonly route?: string;
    readonly strategy?: string;
    readonly stream: boolean;
    readonly session?: string;
    readonly outcome: RequestRow["outcome"];
    readonly status: number;
    readonly error?: { readonly code?: string; readonly message: string };
    readonly served?: Candidate;
    readonly attempts: readonly (Candidate & {
      readonly outcome: "answered" | "failed" | "broken" | "cancelled";
      readonly class?: string;
      readonly message?: string;
      readonly status?: number;
      readonly ms: number;
      readonly firstTokenMs?: number;
      readonly usage?: Usage;
      readonly costNanoUsd?: number;
    })[];
    readonly skipped: readonly {
      readonly model: string;
      readonly key?: string;
      readonly reason: string;
      readonly detail: string;
      readonly untilMs?: number;
    }[];
    readonly plan: readonly Candidate[];
    readonly firstTokenMs?: number;
    readonly durationMs: number;
    readonly usage?: Usage;
    readonly counted?: "upstream" | "estimated";
    readonly listNanoUsd?: number;
    readonly costNanoUsd?: number;
    readonly askedNanoUsd?: number;
  };
  readonly others: number;
}

export interface Verified {
  readonly state: string;
  readonly message: string | null;
  readonly at: string;
}
export interface SettingsVariable {
  readonly name: string;
  readonly from: "file" | "shell" | "keys" | "none";
}
export interface ProviderSettings {
  readonly id: string;
  readonly name: string;
  readonly summary: string;
  readonly tier: string;
  readonly flag: SettingsVariable & { readonly on: boolean };
  readonly needs_key: "yes" | "optional" | "none";
  readonly keys: readonly (SettingsVariable & { readonly verified: Verified | null })[];
  readonly next_key: string | null;
  readonly active: boolean;
  readonly reason: string;
  readonly condition: { readonly state: string; readonly reason: string } | null;
  readonly models: number;
  readonly signup: string | null;
  readonly limits_page: string | null;
  readonly notes: string | null;
  readonly data: {
    readonly trains: boolean;
    readonly keeps?: string;
    readonly region?: string;
    readonly note?: string;
    readonly date: string;
    readonly source: string;
  } | null;
  readonly servers: { readonly prefix: string; readonly next: number } | null;
}
export interface Finding {
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly fix: string;
  readonly file: string;
  readonly line: number | null;
  readonly variable: string | null;
}
export interface ChainSettings {
  readonly name: string;
  readonly kind: "chain" | "group";
  readonly operation: string;
  readonly members: readonly string[];
  readonly own: boolean;
}
export interface Settings {
  readonly env: { readonly path: string; readonly version: string; readonly exists: boolean };
  readonly overlay: { readonly path: string; readonly version: string };
  readonly providers: readonly ProviderSettings[];
  readonly chains: readonly ChainSettings[];
  readonly models_off: readonly { readonly alias: string; readonly provider: string }[];
  readonly aliases: readonly {
    readonly alias: string;
    readonly provider: string;
    readonly operation: string;
  }[];
  readonly findings: readonly Finding[];
  readonly master_key: SettingsVariable["from"];
}
export interface SettingsSaved {
  readonly ok: true;
  readonly file: string;
  readonly diff: string;
  readonly version: string;
  readonly table: string;
  readonly findings: readonly Finding[];
}
export interface SettingsNotSaved {
  readonly ok: false;
  readonly why: "findings" | "conflict" | "refused";
  readonly findings?: readonly Finding[];
  readonly diff?: string;
  readonly variable?: string | null;
}
export interface Verification {
  readonly provider: string;
  readonly in_process: boolean;
  readonly keys: readonly (Verified & { readonly key: string | null })[];
}

export interface ModelLimit {
  readonly unit: string;
  readonly window: string | null;
  readonly declared: number | null;
  readonly learned: number | null;
  readonly amount: number;
  readonly used: number;
  readonly left: number;
  readonly resets_at: string | null;
}
export interface Score {
  readonly total: number;
  readonly reliability: number;
  readonly speed: number;
  readonly headroom: number;
  readonly intelligence: number;
  readonly thrift: number;
}
export interface ModelRow {
  readonly model: string;
  readonly provider: string;
  readonly upstream: string;
  readonly operation: string;
  readonly tier: string;
  readonly served: boolean;
  readonly capabilities: readonly string[];
  readonly context_tokens: number | null;
  readonly max_output_tokens: number | null;
  readonly price: { readonly input?: number; readonly output?: number } | null;
  readonly keys: number;
  readonly open: number;
  readonly cooldown: Cooldown | null;
  readonly limits: readonly ModelLimit[];
  readonly forecast: string | null;
  readonly measured: {
    readonly first_token_ms: number | null;
    readonly tokens_per_s: number | null;
    readonly output_tokens: number | null;
  } | null;
  readonly score: Score | null;
}
export interface ChainMember {
  readonly model: string;
  readonly provider: string;
  readonly skipped: {
    readonly reason: string;
    readonly detail: string;
    readonly until: string | null;
  } | null;
}
export interface Chain {
  readonly name: string;
  readonly kind: "alias" | "group";
  readonly operation: string;
  readonly strategy: string;
  readonly description: string | null;
  readonly members: readonly ChainMember[];
}

export interface Explained {
  readonly model: string;
  readonly strategy: string;
  readonly candidates: readonly {
    readonly model: string;
    readonly provider: string;
    readonly upstream: string;
    readonly key: string | null;
    readonly room: number;
    readonly score: Score | null;
    readonly full: { readonly reason: string; readonly detail: string; readonly until: string | null } | null;
  }[];
  readonly left_out: readonly {
    readonly model: string;
    readonly key: string | null;
    readonly reason: string;
    readonly detail: string;
    readonly until: string | null;
  }[];
}

export interface UsageRow {
  readonly name: string;
  readonly requests: number;
  readonly succeeded: number;
  readonly attempts: number;
  readonly failed_attempts: number;
  readonly tokens: {
    readonly input: number;
    readonly output: number;
    readonly cached: number;
    readonly reasoning: number;
  };
  readonly estimated: number;
  readonly ttft_ms: { readonly p50: number | null; readonly p95: number | null };
  readonly duration_ms: { readonly p50: number | null; readonly p95: number | null };
  readonly cost_usd: number;
  readonly list_usd: number;
  readonly asked_usd: number;
  readonly unpriced: number;
  readonly saved: { readonly requests: number; readonly tokens: number; readonly list_usd: number };
}
export interface UsageAnswer {
  readonly since: string;
  readonly until: string;
  readonly by: string | null;
  readonly rows: readonly UsageRow[];
  readonly total: UsageRow | null;
}
export interface UsageSeries {
  readonly since: string;
  readonly until: string;
  readonly step: string;
  readonly buckets: readonly (UsageRow & { readonly start: string; readonly end: string })[];
}

/** Sizes are in bytes, times in ms. */
export interface LocalMemory {
  readonly devices: readonly {
    readonly device: string;
    readonly totalBytes?: number;
    readonly externalBytes: number;
    readonly committedBytes: number;
  }[];
  readonly backends: readonly { readonly backend: string; readonly status: string; readonly why?: string }[];
  readonly residencies: readonly {
    readonly key: string;
    readonly state: string;
    readonly device?: string;
    readonly chargeBytes: number;
    readonly leases: number;
    readonly concurrency: number;
    readonly waiting: number;
    readonly pinned: boolean;
    readonly sinceMs: number;
    readonly failure?: string;
  }[];
  readonly queues: readonly {
    readonly key: string;
    readonly why: string;
    readonly waiters: readonly { readonly waitedMs: number }[];
  }[];
  readonly aliases: Readonly<Record<string, readonly string[]>>;
}

export interface Client {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly rules: Readonly<Record<string, unknown>>;
  readonly created_at: string | null;
  readonly expires_at: string | null;
  readonly revoked_at: string | null;
  readonly old_key_until: string | null;
}
