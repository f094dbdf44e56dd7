/** The pages, each loaded when it is first opened. */
import { lazy } from "react";

export const PAGES = {
  now: lazy(() => import("./pages/now.tsx")),
  requests: lazy(() => import("./pages/requests.tsx")),
  providers: lazy(() => import("./pages/providers.tsx")),
  models: lazy(() => import("./pages/models.tsx")),
  chains: lazy(() => import("./pages/chains.tsx")),
  playground: lazy(() => import("./pages/playground.tsx")),
  usage: lazy(() => import("./pages/usage.tsx")),
  clients: lazy(() => import("./pages/clients.tsx")),
  memory: lazy(() => import("./pages/memory.tsx")),
  explain: lazy(() => import("./pages/explain.tsx")),
} as const;

export type PageName = keyof typeof PAGES;
export const PAGE_NAMES = Object.keys(PAGES) as readonly PageName[];
export const isPage = (name: string): name is PageName => name in PAGES;
