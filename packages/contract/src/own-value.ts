/** The value of a record's own property: a word from outside may be `constructor`, which every object inherits. */
export const ownValue = <Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;
