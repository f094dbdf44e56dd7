/** What a part of the page shows besides its data: that it waits, that it failed, that it is old, that there is nothing. */
import type { UseQueryResult } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { ApiError } from "../data/api.ts";
import { dateTime } from "../data/format.ts";
import { texts } from "../texts.ts";

export function Waiting() {
  return (
    <p className="waiting" role="status">
      <span className="dots" aria-hidden="true" /> {texts.waiting}
    </p>
  );
}

export function Empty({ children }: { readonly children: ReactNode }) {
  return <div className="empty">{children}</div>;
}

/** Cause, remedy, the request's id, and another try. */
export function Failed({ error, retry }: { readonly error: unknown; readonly retry?: () => void }) {
  const known = error instanceof ApiError ? error : undefined;
  return (
    <div className="failed" role="alert">
      <strong>{texts.failed.title}</strong>
      <p>{error instanceof Error ? error.message : String(error)}</p>
      <p className="quiet">
        {known?.status === 0 ? texts.failed.unreachable : null}
        {known?.requestId === undefined ? null : (
          <>
            {texts.failed.request} <code>{known.requestId}</code>
          </>
        )}
      </p>
      {retry === undefined ? null : (
        <button type="button" onClick={retry}>
          {texts.failed.retry}
        </button>
      )}
    </div>
  );
}

/** The data of a query, however it is: old data stays, and is marked as old, when a later call fails. */
export function Loaded<T>({
  query,
  children,
}: {
  readonly query: UseQueryResult<T>;
  readonly children: (data: T) => ReactNode;
}) {
  const { data, error, dataUpdatedAt, refetch } = query;
  if (data === undefined)
    return error === null ? <Waiting /> : <Failed error={error} retry={() => void refetch()} />;
  return (
    <>
      {error === null ? null : (
        <div className="stale" role="status">
          <strong>{texts.stale(dateTime(dataUpdatedAt))}</strong>{" "}
          {error instanceof Error ? error.message : null}{" "}
          <button type="button" onClick={() => void refetch()}>
            {texts.failed.retry}
          </button>
        </div>
      )}
      {children(data)}
    </>
  );
}

const NowContext = createContext<number | undefined>(undefined);

/** One clock for everything below it, so that relative times change together. */
export function Clock({ children }: { readonly children: ReactNode }) {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return <NowContext value={nowMs}>{children}</NowContext>;
}

export const useNow = (): number => useContext(NowContext) ?? Date.now();
