/** What conversations still meet and nothing mends yet. A line goes when its problem does; the slice fails on any other. */
export const OPEN: readonly { readonly problem: RegExp; readonly why: string }[] = [
  {
    problem: /anthropic-10 at /,
    why: "a signature that another server made looks like any other, and passes to Claude as it is",
  },
];
