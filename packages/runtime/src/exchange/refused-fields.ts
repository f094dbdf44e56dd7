/** Fields that a model refused as unknown: they are left out of its requests for a day. */
import type { FieldPath } from "@headgate/adapter-kit";

const KEPT_MS = 86_400_000;
/** A model that refuses more has another fault. */
const MOST = 16;

export interface RefusedField {
  /** Such as `messages[].refusal`. */
  readonly field: string;
  readonly path: FieldPath;
  readonly untilMs: number;
}

const NONE: readonly RefusedField[] = [];

export class RefusedFields {
  /** By `<provider>/<upstream>`. */
  readonly #models = new Map<string, RefusedField[]>();
  readonly #report: (model: string, field: string) => void;

  /** @param report is told of each field once, when it is learned */
  constructor(report: (model: string, field: string) => void) {
    this.#report = report;
  }

  /** @returns false where it is known already, or the model refused too many */
  learn(model: string, path: FieldPath, nowMs: number): boolean {
    const known = this.of(model, nowMs);
    const field = path.join(".");
    if (known.length >= MOST || known.some((one) => one.field === field)) return false;
    this.#models.set(model, [...known, { field, path, untilMs: nowMs + KEPT_MS }]);
    this.#report(model, field);
    return true;
  }

  of(model: string, nowMs: number): readonly RefusedField[] {
    // Nearly every gateway has learned none.
    if (this.#models.size === 0) return NONE;
    const fields = this.#models.get(model);
    if (fields === undefined) return NONE;
    const open = fields.filter(({ untilMs }) => untilMs > nowMs);
    if (open.length === 0) this.#models.delete(model);
    else if (open.length < fields.length) this.#models.set(model, open);
    return open;
  }
}
