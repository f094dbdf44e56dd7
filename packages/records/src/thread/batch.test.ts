import fc from "fast-check";
import { expect, it } from "vitest";
import { recordOf } from "../testing/samples.ts";
import { type Batch, BatchWriter, BLOCK_BYTES, readBatch } from "./batch.ts";

function rig() {
  const given: Batch[] = [];
  const writer = new BatchWriter((batch) => given.push(batch));
  const read = () => given.flatMap((batch) => readBatch(batch));
  return { writer, given, read };
}

it("reads each record as it was added, whatever its text and however many there are", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 40 });
  fc.assert(
    fc.property(fc.array(fc.record({ model: text, body: fc.option(text, { nil: undefined }) })), (added) => {
      const { writer, read } = rig();
      const records = added.map(({ model }, at) => recordOf({ uid: `u${at}`, model }));
      records.forEach((record, at) => {
        const request = added[at]?.body;
        writer.add(record, request === undefined ? undefined : { uid: record.uid, request });
      });
      writer.flush();
      expect(read().map(({ json }) => JSON.parse(json))).toEqual(records);
      expect(read().map(({ bodies }) => bodies?.request)).toEqual(added.map(({ body }) => body));
    }),
  );
});

it("gives a full block at once, and a record that is larger than a block alone", () => {
  const { writer, given, read } = rig();
  const records = [1, BLOCK_BYTES / 4, BLOCK_BYTES / 4, BLOCK_BYTES * 2, 1].map((length, at) =>
    recordOf({ uid: `u${at}`, model: "x".repeat(length) }),
  );
  for (const record of records) writer.add(record, undefined);
  expect(given.length).toBeGreaterThan(1);
  writer.flush();
  expect(read().map(({ json }) => JSON.parse(json))).toEqual(records);
});

it("uses a block again once it was read, and not before", () => {
  const { writer, given } = rig();
  for (let more = 0; more < 2; more += 1) {
    writer.add(recordOf(), undefined);
    writer.flush();
  }
  const [first, second] = given;
  expect(second?.block).not.toBe(first?.block);
  if (first !== undefined) writer.release(first.block);
  writer.add(recordOf(), undefined);
  writer.flush();
  expect(given[2]?.block).toBe(first?.block);
});
