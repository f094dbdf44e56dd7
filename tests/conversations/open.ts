/** What conversations still meet and nothing mends yet. A line goes when its problem does; the slice fails on any other. */
export const OPEN: readonly { readonly problem: RegExp; readonly why: string }[] = [];
