/** The page as a whole: the way in, the frame, and the page that the address names. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Suspense, useEffect } from "react";
import { ApiError, get, onSignedOut } from "./data/api.ts";
import { useLocation } from "./data/location.ts";
import type { Session } from "./data/types.ts";
import { Frame } from "./frame.tsx";
import { isPage, PAGES } from "./pages.ts";
import { SignIn } from "./sign-in.tsx";
import { texts } from "./texts.ts";
import { Failed, Waiting } from "./ui/states.tsx";

export function App() {
  const { page, query } = useLocation();
  const client = useQueryClient();
  const session = useQuery({
    queryKey: ["session"],
    queryFn: () => get<Session>("/admin/session"),
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
  useEffect(() => onSignedOut(() => void client.invalidateQueries({ queryKey: ["session"] })), [client]);
  const name = isPage(page) ? page : undefined;
  useEffect(() => {
    document.title = name === undefined ? texts.product : `${texts.pages[name]} · ${texts.product}`;
  }, [name]);

  const link = page === "sign-in" ? query.get("link") : null;
  const signedOut = session.error instanceof ApiError && session.error.status === 401;
  if (link !== null || signedOut) return <SignIn link={link} />;
  if (session.data === undefined)
    return (
      <main className="alone">
        {session.error === null ? (
          <Waiting />
        ) : (
          <Failed error={session.error} retry={() => void session.refetch()} />
        )}
      </main>
    );
  const Page = PAGES[name ?? "now"];
  return (
    <Frame page={name ?? "now"} version={session.data.version}>
      <Suspense fallback={<Waiting />}>
        <Page />
      </Suspense>
    </Frame>
  );
}
