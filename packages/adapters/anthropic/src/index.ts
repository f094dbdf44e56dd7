/** Anthropic's Messages wire: `/v1/messages`, typed server-sent events. https://platform.claude.com/docs/en/api/messages */
import { defineAdapter } from "@headgate/adapter-kit";
import { COUNTING } from "./counting.ts";
import { decodeBody, decodeStream } from "./decode.ts";
import { encodeMessagesRequest } from "./encode.ts";
import { inspectBody } from "./inspect.ts";
import { LISTING } from "./listing.ts";
import { addressNative } from "./native.ts";
import { relayMessages } from "./relay.ts";
import { unsealed } from "./unsealed.ts";
import { WIRE } from "./wire.ts";

export default defineAdapter({
  id: "anthropic",
  listing: LISTING,
  unsealed,
  chat: {
    wire: WIRE,
    encode: encodeMessagesRequest,
    decodeBody,
    decodeStream,
    native: {
      encode: addressNative,
      inspectBody,
      relayStream: relayMessages,
      counting: COUNTING,
    },
  },
});
