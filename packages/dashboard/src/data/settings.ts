/** Changes of the user's files: what was saved, why not, and when the gateway has taken it up. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError, get, post } from "./api.ts";
import type { Settings, SettingsNotSaved, SettingsSaved, Status } from "./types.ts";

export const useSettings = () =>
  useQuery({
    queryKey: ["settings"],
    queryFn: ({ signal }) => get<Settings>("/admin/settings", signal),
    staleTime: 15_000,
  });

export type Change =
  | { readonly change: "env"; readonly set: Readonly<Record<string, string | null>> }
  | {
      readonly change: "chain";
      readonly kind: "chain" | "group";
      readonly name: string;
      readonly members: readonly string[] | null;
    }
  | { readonly change: "model"; readonly provider: string; readonly alias: string; readonly on: boolean };

const POLL_MS = 250;
const PATIENCE_MS = 20_000;

/** Resolves to true once the gateway serves the table with this fingerprint. */
async function appliedWithin(table: string, patienceMs: number): Promise<boolean> {
  const untilMs = Date.now() + patienceMs;
  while (Date.now() < untilMs) {
    const status = await get<Status>("/admin/status").catch(() => undefined);
    if (status?.table.fingerprint === table) return true;
    await new Promise((done) => setTimeout(done, POLL_MS));
  }
  return false;
}

export type Progress = "idle" | "saving" | "applying" | "applied" | "late";

export function useChange(settings: Settings) {
  const client = useQueryClient();
  const [progress, setProgress] = useState<Progress>("idle");
  const mutation = useMutation({
    mutationFn: async (change: Change) => {
      setProgress("saving");
      const { version } = change.change === "env" ? settings.env : settings.overlay;
      const saved = await post<SettingsSaved>("/admin/settings", { ...change, version });
      setProgress("applying");
      const applied = await appliedWithin(saved.table, PATIENCE_MS);
      setProgress(applied ? "applied" : "late");
      await client.invalidateQueries();
      return saved;
    },
    onError: () => setProgress("idle"),
  });
  return { ...mutation, progress };
}

export const usePreview = (settings: Settings) =>
  useMutation({
    mutationFn: (change: Change) => {
      const { version } = change.change === "env" ? settings.env : settings.overlay;
      return post<SettingsSaved>("/admin/settings", { ...change, version, preview: true });
    },
  });

/** What an answer that saved nothing says beside its message. */
export function notSaved(error: unknown): SettingsNotSaved | undefined {
  const body = error instanceof ApiError ? (error.body as Partial<SettingsNotSaved> | undefined) : undefined;
  return body?.ok === false ? (body as SettingsNotSaved) : undefined;
}
