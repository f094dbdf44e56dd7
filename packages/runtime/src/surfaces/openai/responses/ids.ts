/**
 * Ids of responses and of their items. An item's id holds its response's, so that an `item_reference` is found without
 * an index. They are random: a client with the key may read a stored response by its id.
 */
import { randomBytes } from "node:crypto";

/** Which list of its response an item is in, and its index. */
export interface ItemPlace {
  readonly responseId: string;
  readonly list: "input" | "output";
  readonly index: number;
}

const PLACED = /^[a-z]{2,4}_([0-9a-f]{32})([io])(\d{1,6})$/;

/** What a response's ids are made of: 32 hex digits. */
export const newStem = (): string => randomBytes(16).toString("hex");

export const responseIdOf = (stem: string): string => `resp_${stem}`;

/** @param prefix the item's kind, such as `msg` or `fc` */
export const itemId = (prefix: string, stem: string, list: ItemPlace["list"], index: number): string =>
  `${prefix}_${stem}${list === "input" ? "i" : "o"}${index}`;

/** Undefined for an id that is not the gateway's. */
export function placeOf(id: string): ItemPlace | undefined {
  const match = PLACED.exec(id);
  if (match === null) return undefined;
  const [, stem = "", list, index = ""] = match;
  return {
    responseId: responseIdOf(stem),
    list: list === "i" ? "input" : "output",
    index: Number(index),
  };
}
