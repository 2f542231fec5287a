// Metrics as a need: rooms count, an adapter exports.

export type Labels = Readonly<Record<string, string>>;

export interface Meter {
  /** Adds to a counter named `starling_<room>_<thing>_total` (or `_bytes_total`). */
  count(name: string, amount?: number, labels?: Labels): void;
  /** Sets a gauge. */
  gauge(name: string, value: number, labels?: Labels): void;
  /** Observes a duration in seconds. */
  observe(name: string, seconds: number, labels?: Labels): void;
}

export const NO_METER: Meter = Object.freeze({
  count: () => undefined,
  gauge: () => undefined,
  observe: () => undefined,
});
