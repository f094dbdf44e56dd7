import { texts } from "../../texts.ts";
import { Copy } from "../../ui/parts.tsx";

const t = texts.clients;

/** A key that is shown once. */
export function NewKey({ value }: { readonly value: string }) {
  return (
    <>
      <p>{t.key}</p>
      <pre>{value}</pre>
      <Copy text={value} />
    </>
  );
}
