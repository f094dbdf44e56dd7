/** A server of the operator's own, as variables of .env. */
import type { FormEvent } from "react";
import { notSaved, useChange } from "../../data/settings.ts";
import type { Settings } from "../../data/types.ts";
import { texts } from "../../texts.ts";
import { Modal } from "../../ui/parts.tsx";
import { NotSaved, Saved } from "../../ui/settings-parts.tsx";

const t = texts.providers;

export function AddServer({
  settings,
  onClose,
}: {
  readonly settings: Settings;
  readonly onClose: () => void;
}) {
  const change = useChange(settings);
  const provider = settings.providers.find(({ servers }) => servers?.prefix === "CUSTOM");
  if (provider === undefined || provider.servers === null) return null;
  const base = `${provider.servers.prefix}_${provider.servers.next}`;
  const details = notSaved(change.error);
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = event.currentTarget;
    const read = (name: string): string => (form.elements.namedItem(name) as HTMLInputElement).value.trim();
    const key = read("key");
    change.mutate(
      {
        change: "env",
        set: {
          [provider.flag.name]: "1",
          [`${base}_BASE_URL`]: read("url").replace(/\/+$/, ""),
          [`${base}_MODELS`]: read("models"),
          ...(key === "" ? {} : { [`${base}_API_KEY`]: key }),
        },
      },
      { onSuccess: onClose },
    );
  };
  const wrong = (name: string): boolean =>
    details?.findings?.some(({ variable }) => variable === name) === true;
  return (
    <Modal title={t.serverTitle} onClose={onClose}>
      <p>{t.serverHelp}</p>
      <form onSubmit={submit}>
        <div className="field">
          <label htmlFor="server-url">{t.serverUrl}</label>
          <input
            id="server-url"
            name="url"
            type="url"
            required
            aria-describedby="server-url-help"
            aria-invalid={wrong(`${base}_BASE_URL`)}
          />
          <p id="server-url-help" className="quiet">
            {t.serverUrlHelp}
          </p>
        </div>
        <div className="field">
          <label htmlFor="server-models">{t.serverModels}</label>
          <input
            id="server-models"
            name="models"
            required
            aria-describedby="server-models-help"
            aria-invalid={wrong(`${base}_MODELS`)}
          />
          <p id="server-models-help" className="quiet">
            {t.serverModelsHelp}
          </p>
        </div>
        <div className="field">
          <label htmlFor="server-key">{t.serverKey}</label>
          <input id="server-key" name="key" type="password" autoComplete="off" />
        </div>
        <Saved progress={change.progress} />
        <NotSaved error={change.error} />
        <div className="row">
          <button type="submit" className="primary" disabled={change.isPending}>
            {t.addServer}
          </button>
          <button type="button" onClick={onClose}>
            {texts.cancel}
          </button>
        </div>
      </form>
    </Modal>
  );
}
