// What becomes of bytes from the network. A hostile or late peer is a value, never an exception.

/** The sender provably broke the rules: its gossip score falls. */
export const FAULT_REASONS = [
  'oversized',
  'malformed-cbor',
  'non-canonical-cbor',
  'wrong-shape',
  'wrong-type',
  'wrong-federation',
  'bad-signature',
  'not-permitted',
  'wrong-dimension',
  'non-finite',
  'norm-exceeded',
  'equivocation',
  'impossible-bound',
  'wrong-root',
] as const;

/** Late, repeated or unknown, which honest members can cause too: dropped without blame. */
export const HARMLESS_REASONS = [
  'unknown-sender',
  'expired',
  'not-yet-valid',
  'replay',
  'duplicate',
  'stale-round',
  'future-round',
  'unknown-plan',
  'not-in-cohort',
  'busy',
  'privacy-budget',
  'stale-epoch',
  'future-epoch',
  'wrong-height',
  'unknown-block',
  'conflict',
  'too-few',
] as const;

export type FaultReason = (typeof FAULT_REASONS)[number];
export type HarmlessReason = (typeof HARMLESS_REASONS)[number];
export type RefusalReason = FaultReason | HarmlessReason;

export interface Refusal {
  readonly kind: 'ignore' | 'reject';
  readonly reason: RefusalReason;
  /** For the log of the refusing side: what was wrong, where. */
  readonly detail: string;
}

export type Verdict = { readonly kind: 'accept' } | Refusal;

export const ACCEPT: Verdict = Object.freeze({ kind: 'accept' });

const faults: ReadonlySet<string> = new Set(FAULT_REASONS);

/** A refusal whose blame follows from its reason. */
export function refusal(reason: RefusalReason, detail: string): Refusal {
  return { kind: faults.has(reason) ? 'reject' : 'ignore', reason, detail };
}

/** A value that was checked, or why it was refused. */
export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: Refusal };

export function checked<T>(value: T): Checked<T> {
  return { ok: true, value };
}

export function refused(reason: RefusalReason, detail: string): Checked<never> {
  return { ok: false, refusal: refusal(reason, detail) };
}
