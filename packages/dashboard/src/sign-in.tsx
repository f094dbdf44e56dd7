import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { ApiError, call } from "./data/api.ts";
import { texts } from "./texts.ts";

/** With the key, or at once with the token of a one-time link, which then leaves the address. */
export function SignIn({ link }: { readonly link: string | null }) {
  const client = useQueryClient();
  const [error, setError] = useState<ApiError>();
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const used = useRef<string>(undefined);

  const enter = async (body: object): Promise<void> => {
    setBusy(true);
    try {
      await call<void>("POST", "/admin/session", body);
      setError(undefined);
      await client.resetQueries();
    } catch (caught) {
      setError(caught instanceof ApiError ? caught : new ApiError(String(caught), { status: 0 }));
      field.current?.focus();
    } finally {
      setBusy(false);
    }
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: a link is used once
  useEffect(() => {
    if (link === null || used.current === link) return;
    used.current = link;
    globalThis.location.replace("#/now");
    void enter({ link });
  }, [link]);

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const key = field.current?.value ?? "";
    if (key.trim() !== "") void enter({ key });
  };

  return (
    <main className="alone">
      <form className="card sign-in" onSubmit={submit}>
        <h1>{texts.product}</h1>
        <p>{texts.signIn.lead}</p>
        <label htmlFor="key">{texts.signIn.key}</label>
        <input
          id="key"
          ref={field}
          type="password"
          autoComplete="current-password"
          spellCheck={false}
          aria-invalid={error !== undefined}
          aria-describedby="key-help key-error"
        />
        <p id="key-help" className="quiet">
          {texts.signIn.help} <code>headgate key</code>
          {texts.signIn.or} <code>headgate open</code>
          {texts.signIn.link}
        </p>
        <p id="key-error" role="alert" className="bad-text">
          {error?.message}
        </p>
        <button type="submit" className="primary" disabled={busy}>
          {busy ? texts.waiting : texts.signIn.enter}
        </button>
      </form>
    </main>
  );
}
