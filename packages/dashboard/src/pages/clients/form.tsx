/** Adds a client, or edits one; a new client's key is shown once. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { ApiError, call } from "../../data/api.ts";
import type { Client } from "../../data/types.ts";
import { texts } from "../../texts.ts";
import { Modal } from "../../ui/parts.tsx";
import { NewKey } from "./new-key.tsx";

const t = texts.clients;
const NUMBERS = ["rpm", "rpd", "tpm", "tpd", "concurrency"] as const;

export function ClientForm({ client, onClose }: { readonly client?: Client; readonly onClose: () => void }) {
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: (fields: object) =>
      client === undefined
        ? call<{ key?: string }>("POST", "/admin/clients", fields)
        : call<{ key?: string }>("PATCH", `/admin/clients/${encodeURIComponent(client.id)}`, fields),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["clients"] }),
    gcTime: 0,
  });
  const param = save.error instanceof ApiError ? paramOf(save.error.body) : undefined;
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const fields = fieldsOf(event.currentTarget, client === undefined);
    save.mutate(fields, client === undefined ? {} : { onSuccess: onClose });
  };
  if (save.data?.key !== undefined)
    return (
      <Modal title={t.addTitle} onClose={onClose}>
        <NewKey value={save.data.key} />
      </Modal>
    );
  const rules = client?.rules ?? {};
  const text = (name: string): string => {
    const value = rules[name];
    return value === undefined ? "" : Array.isArray(value) ? value.join(", ") : String(value);
  };
  return (
    <Modal title={client === undefined ? t.addTitle : t.editTitle(client.name)} onClose={onClose}>
      <form onSubmit={submit}>
        {client === undefined ? <Field name="name" label={t.name} required wrong={param === "name"} /> : null}
        <Field
          name="models"
          label={t.rules.models ?? ""}
          value={text("models")}
          help={t.modelsHelp}
          wrong={param === "models"}
        />
        <div className="filters">
          {NUMBERS.map((name) => (
            <Field
              key={name}
              name={name}
              label={t.rules[name] ?? name}
              value={text(name)}
              type="number"
              wrong={param === name}
            />
          ))}
          <Field
            name="spend"
            label={t.rules.spend ?? ""}
            value={text("spend")}
            help={t.spendHelp}
            wrong={param === "spend"}
          />
          {client === undefined ? (
            <Field name="expires" label={t.expires} help={t.expiresHelp} wrong={param === "expires"} />
          ) : null}
        </div>
        <label className="check">
          <input type="checkbox" name="no_training" defaultChecked={rules.no_training === true} />
          {t.rules.no_training}
        </label>
        {save.error === null ? null : (
          <p className="bad-text" role="alert">
            {save.error.message}
          </p>
        )}
        <div className="row">
          <button type="submit" className="primary" disabled={save.isPending}>
            {client === undefined ? t.add : texts.save}
          </button>
          <button type="button" onClick={onClose}>
            {texts.cancel}
          </button>
        </div>
      </form>
    </Modal>
  );
}

const paramOf = (body: unknown): unknown =>
  (body as { error?: { param?: unknown } } | undefined)?.error?.param;

/** A field that is empty is left out of a new client, and taken away from one that has it. */
function fieldsOf(form: HTMLFormElement, isNew: boolean): Record<string, unknown> {
  const data = new FormData(form);
  const fields: Record<string, unknown> = {};
  for (const [name, raw] of data) {
    const value = String(raw).trim();
    if (name === "no_training") continue;
    if (value === "") {
      if (!isNew) fields[name] = null;
    } else if (name === "models") fields[name] = value.split(",").map((one) => one.trim());
    else fields[name] = NUMBERS.some((number) => number === name) ? Number(value) : value;
  }
  if (data.has("no_training")) fields.no_training = true;
  else if (!isNew) fields.no_training = null;
  return fields;
}

function Field({
  name,
  label,
  value = "",
  help,
  type = "text",
  required = false,
  wrong,
}: {
  readonly name: string;
  readonly label: string;
  readonly value?: string;
  readonly help?: string;
  readonly type?: "text" | "number";
  readonly required?: boolean;
  readonly wrong: boolean;
}) {
  return (
    <div className="field">
      <label htmlFor={`client-${name}`}>{label}</label>
      <input
        id={`client-${name}`}
        name={name}
        type={type}
        min={type === "number" ? 1 : undefined}
        required={required}
        defaultValue={value}
        aria-invalid={wrong}
        aria-describedby={help === undefined ? undefined : `client-${name}-help`}
      />
      {help === undefined ? null : (
        <p id={`client-${name}-help`} className="quiet">
          {help}
        </p>
      )}
    </div>
  );
}
