/**
 * The operator's own settings, as the page shows and changes them: .env and the overlay. The compile child reads and writes
 * the files; the gateway only passes these values on. No value of a key is in any of them, but in a change on its way in.
 */
import type { DataPolicy, Operation, ProviderCondition, Tier } from "./fragment.ts";

/**
 * Where a variable's value comes from. It cannot be changed here where the shell that started the gateway set it, or where it
 * is one of the keys that are sealed or in a file of their own.
 */
export type VariableSource = "file" | "shell" | "keys" | "none";

export interface SettingsVariable {
  readonly name: string;
  readonly from: VariableSource;
}

export interface SettingsProvider {
  readonly id: string;
  readonly name: string;
  readonly summary: string;
  readonly tier: Tier;
  readonly flag: SettingsVariable & { readonly on: boolean };
  /** `none`: the provider takes no key. */
  readonly needs_key: "yes" | "optional" | "none";
  /** Every variable with a key, and the first one where none is set. */
  readonly keys: readonly SettingsVariable[];
  /** The variable of a further key. */
  readonly next_key: string | null;
  readonly active: boolean;
  /** Why it is not active, with the remedy; empty when it is. */
  readonly reason: string;
  readonly condition: ProviderCondition | null;
  readonly models: number;
  readonly signup: string | null;
  readonly limits_page: string | null;
  /** What is free, as the catalogue says it; plain text. */
  readonly notes: string | null;
  /** What the provider does with prompts and answers; null where that is not known. */
  readonly data: DataPolicy | null;
  /** Of a provider whose servers only .env names: what their variables start with. */
  readonly servers: { readonly prefix: string; readonly next: number } | null;
}

export interface SettingsChain {
  readonly name: string;
  readonly kind: "chain" | "group";
  readonly operation: Operation;
  readonly members: readonly string[];
  /** The overlay sets it. */
  readonly own: boolean;
}

export interface SettingsFinding {
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly fix: string;
  readonly file: string;
  readonly line: number | null;
  /** The variable of .env that the finding is about, where it is about one. */
  readonly variable: string | null;
}

export interface Settings {
  readonly env: { readonly path: string; readonly version: string; readonly exists: boolean };
  readonly overlay: { readonly path: string; readonly version: string };
  readonly providers: readonly SettingsProvider[];
  readonly chains: readonly SettingsChain[];
  /** Models that the overlay switches off, by alias. */
  readonly models_off: readonly { readonly alias: string; readonly provider: string }[];
  /** Every alias of the catalogue, for chains. */
  readonly aliases: readonly {
    readonly alias: string;
    readonly provider: string;
    readonly operation: Operation;
  }[];
  readonly findings: readonly SettingsFinding[];
  /** The variable of the master key is set in .env or the shell; otherwise the key is in the state directory. */
  readonly master_key: VariableSource;
}

/** `version`: of the file that the change was made for; another one on disk is a conflict. `preview`: nothing is written. */
export type SettingsChange = { readonly version: string; readonly preview?: boolean } & (
  | { readonly change: "env"; readonly set: Readonly<Record<string, string | null>> }
  | {
      readonly change: "chain";
      readonly kind: "chain" | "group";
      readonly name: string;
      /** Null: as the catalogue has it. */
      readonly members: readonly string[] | null;
    }
  | { readonly change: "model"; readonly provider: string; readonly alias: string; readonly on: boolean }
);

export type SettingsResult =
  | {
      readonly ok: true;
      /** The file that was written, or would be. */
      readonly file: string;
      /** Of that file, with every value of a key hidden. */
      readonly diff: string;
      readonly version: string;
      /** Of the table that these settings give. */
      readonly table: string;
      readonly findings: readonly SettingsFinding[];
    }
  | { readonly ok: false; readonly why: "findings"; readonly findings: readonly SettingsFinding[] }
  | { readonly ok: false; readonly why: "conflict"; readonly message: string; readonly diff: string }
  | {
      readonly ok: false;
      readonly why: "refused";
      readonly message: string;
      readonly variable: string | null;
    };

/** Carries out what the page asks for; each call starts a compile child. */
export interface SettingsOperator {
  read(): Promise<Settings>;
  change(change: SettingsChange): Promise<SettingsResult>;
  /** Makes a new master key, which holds from the next start on. */
  rotateMasterKey(): Promise<{ readonly key: string; readonly where: string }>;
}
