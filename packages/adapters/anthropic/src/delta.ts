/**
 * Recognises a delta of a stream without parsing it: a frame that matches is valid JSON and content. The API writes them
 * in exactly this order, padded with spaces; any other form does not match and is parsed.
 */
const DELTA =
  /\{"type":"content_block_delta","index":\d+,"delta":\{"type":"(?:text_delta","text|thinking_delta","thinking|input_json_delta","partial_json)":"[ !#-[\]-\u00ff]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[ !#-[\]-\u00ff]*)*" *\} *\} */y;

/** Beyond this length a parse is as fast, and a regular expression costs memory. */
const MAX_LENGTH = 32_768;

/** @param text latin1, of which `start` to `end` is the event's data. */
export function isDelta(text: string, start: number, end: number): boolean {
  if (end - start > MAX_LENGTH) return false;
  DELTA.lastIndex = start;
  return DELTA.test(text) && DELTA.lastIndex === end;
}
