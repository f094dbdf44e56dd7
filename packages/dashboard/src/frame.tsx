/** What is around every page: navigation, the state of the connection, and the way out. */
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef } from "react";
import { call } from "./data/api.ts";
import { Events } from "./data/events.tsx";
import { hashOf } from "./data/location.ts";
import { PAGE_NAMES, type PageName } from "./pages.ts";
import { texts } from "./texts.ts";

export function Frame({
  page,
  version,
  children,
}: {
  readonly page: PageName;
  readonly version: string;
  readonly children: ReactNode;
}) {
  const client = useQueryClient();
  const menu = useRef<HTMLDialogElement>(null);
  const main = useRef<HTMLElement>(null);
  const shown = useRef(page);

  // A new page begins at its heading, for a screen reader too.
  useEffect(() => {
    if (shown.current === page) return;
    shown.current = page;
    menu.current?.close();
    globalThis.scrollTo(0, 0);
    main.current?.focus();
  }, [page]);

  const leave = async (): Promise<void> => {
    await call<void>("DELETE", "/admin/session").catch(() => undefined);
    client.clear();
    await client.resetQueries();
    globalThis.location.reload();
  };

  const links = (
    <ul>
      {PAGE_NAMES.map((name) => (
        <li key={name}>
          <a href={hashOf(name)} aria-current={name === page ? "page" : undefined}>
            {texts.pages[name]}
          </a>
        </li>
      ))}
    </ul>
  );
  const foot = (
    <div className="nav-foot">
      <button type="button" onClick={() => void leave()}>
        {texts.signOut}
      </button>
      <p className="quiet">
        {texts.product} {version}
      </p>
    </div>
  );

  return (
    <Events>
      <button type="button" className="skip" onClick={() => main.current?.focus()}>
        {texts.skip}
      </button>
      <header className="top">
        <button
          type="button"
          className="menu"
          aria-haspopup="dialog"
          onClick={() => menu.current?.showModal()}
        >
          {texts.menu}
        </button>
        <span className="brand">{texts.product}</span>
      </header>
      <dialog ref={menu} className="menu-dialog" aria-label={texts.menu}>
        <form method="dialog">
          <button type="submit">{texts.close}</button>
        </form>
        <nav aria-label={texts.menu}>{links}</nav>
        {foot}
      </dialog>
      <nav className="side" aria-label={texts.pagesLabel}>
        <span className="brand">{texts.product}</span>
        {links}
        {foot}
      </nav>
      <main id="main" ref={main} tabIndex={-1}>
        {children}
      </main>
    </Events>
  );
}
