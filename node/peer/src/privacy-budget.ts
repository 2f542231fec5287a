// What a site's rounds showed of its collection: every charge is on the disk before its update
// leaves, and a round that would exceed the limit is refused.

import {
  digestOf,
  PRIVACY_UNITS,
  type PrivacyUnit,
  RDP_CURVE_BYTES,
  RdpCurve,
  type RoundCost,
} from '@starling/crypto';
import {
  type CborValue,
  type Checked,
  checked,
  type Digest,
  decodeCanonical,
  digestSchema,
  encodeCanonical,
  type PeerStore,
  PeerStoreError,
  type PeerWrite,
  refused,
  toMicros,
  uintSchema,
  z,
} from '@starling/shared';
import { type PrivacyLimit, wouldExceed } from './privacy-limit.ts';
import {
  type PrivacySummary,
  summarise,
  type UnitSummary,
  unitSummary,
} from './privacy-summary.ts';

const TABLE = 'privacy';
const CHARGE_PREFIX = 'charge/';
const CURVE_PREFIX = 'curve/';
const CHARGE_BYTES_MAX = 4096;

const chargeSchema = z.strictObject({
  /** Digests of the curves; null where nothing bounds what was shown. */
  curves: z.strictObject({ example: digestSchema.nullable(), site: digestSchema.nullable() }),
  /** Charges are numbered from 1. */
  ordinal: uintSchema.min(1),
  round: uintSchema,
  sources: z
    .array(
      z.strictObject({
        mechanism: z.string().min(1).max(64),
        noiseMultiplierMicros: uintSchema,
        rateMicros: uintSchema,
        steps: uintSchema,
      }),
    )
    .max(8),
});

/** One round that was paid for. */
export type PrivacyCharge = z.infer<typeof chargeSchema>;

/** Rounds and what they showed, for one unit. */
export interface PrivacySpending {
  /** Sum over the rounds with noise for this unit. */
  readonly curve: RdpCurve;
  readonly rounds: number;
  /** Rounds that showed the unit without bound; no sum can hold them. */
  readonly roundsWithoutBound: number;
}

/**
 * Invariant: charges are never lowered or taken back, and what is in memory is on the disk.
 *
 * One charge covers one opened sum of one plan. Attempts may differ in what they would cost; as an
 * update that was signed as a survivor's is never masked again, at most one of them is opened, and
 * the dearest counts.
 */
export class PrivacyBudget {
  readonly #store: PeerStore;
  readonly #charges = new Map<Digest, PrivacyCharge>();
  readonly #curves = new Map<Digest, RdpCurve>();
  #spent: Spent = { example: NOTHING, site: NOTHING };
  #limit: PrivacyLimit;
  /** Charges are made one after the other: two may fit alone and not together. */
  #tail: Promise<unknown> = Promise.resolve();

  private constructor(store: PeerStore, limit: PrivacyLimit) {
    this.#store = store;
    this.#limit = limit;
  }

  /** @throws {PeerStoreError} `corrupt` when a record is not what was written */
  static async open(store: PeerStore, limit: PrivacyLimit): Promise<PrivacyBudget> {
    const budget = new PrivacyBudget(store, limit);
    const charges: [Digest, PrivacyCharge][] = [];
    for await (const { key, value } of store.entries(TABLE)) {
      if (key.startsWith(CURVE_PREFIX)) {
        budget.#curves.set(key.slice(CURVE_PREFIX.length) as Digest, decodedCurve(key, value));
      } else {
        charges.push([key.slice(CHARGE_PREFIX.length) as Digest, decodedCharge(key, value)]);
      }
    }
    charges.sort(([, a], [, b]) => a.ordinal - b.ordinal);
    for (const [plan, charge] of charges) {
      budget.#charges.set(plan, charge);
      budget.#spent = budget.#added(budget.#spent, charge);
    }
    return budget;
  }

  get limit(): PrivacyLimit {
    return this.#limit;
  }

  /** Counts from the next round on; what was spent stays spent. */
  setLimit(limit: PrivacyLimit): void {
    this.#limit = limit;
  }

  /** Whether a round of this cost would be taken now: asked before training starts. */
  check(cost: RoundCost): Checked<undefined> {
    const { unit } = this.#limit;
    const objection = wouldExceed(this.#spent[unit].curve, cost.curves[unit], this.#limit);
    return objection === undefined ? checked(undefined) : refused('privacy-budget', objection);
  }

  /**
   * Pays for a release, once, by the digest that names it: a plain round's plan, a masked round's
   * session. The same one again is the charge that stands, raised where this attempt
   * costs more. Await it before the update leaves; durable when it resolves.
   *
   * @returns the charge, or why the round is refused: `privacy-budget`
   * @throws {PeerStoreError} when the charge could not be written: the update must not leave
   */
  charge(plan: Digest, round: number, cost: RoundCost): Promise<Checked<PrivacyCharge>> {
    const run = this.#tail.then(() => this.#charge(plan, round, cost));
    this.#tail = run.catch(() => undefined);
    return run;
  }

  /** Spent of what the limit counts; cheap beside the whole summary. */
  get position(): UnitSummary {
    return unitSummary(this.#spent[this.#limit.unit], this.#limit.delta);
  }

  summary(): PrivacySummary {
    return summarise({
      charges: [...this.#charges.values()],
      curveOf: (charge, unit) => this.#curveOf(charge, unit),
      limit: this.#limit,
      spent: this.#spent,
    });
  }

  async #charge(plan: Digest, round: number, cost: RoundCost): Promise<Checked<PrivacyCharge>> {
    const standing = this.#charges.get(plan);
    const curves = byUnit((unit) => {
      const asked = cost.curves[unit];
      return standing === undefined ? asked : asked.most(this.#curveOf(standing, unit));
    });
    const digests = byUnit((unit) =>
      curves[unit].isBounded ? digestOf(curves[unit].toBytes()) : null,
    );
    const isPaid = PRIVACY_UNITS.every((unit) => standing?.curves[unit] === digests[unit]);
    if (standing !== undefined && isPaid) return checked(standing);
    const { unit } = this.#limit;
    const others = standing === undefined ? this.#spent : this.#sumWithout(plan);
    const objection = wouldExceed(others[unit].curve, curves[unit], this.#limit);
    if (objection !== undefined) return refused('privacy-budget', objection);
    const charge: PrivacyCharge = {
      curves: digests,
      ordinal: standing?.ordinal ?? this.#charges.size + 1,
      round,
      sources: cost.sources.map(({ mechanism, noiseMultiplier, rate, steps }) => ({
        mechanism,
        noiseMultiplierMicros: toMicros(noiseMultiplier),
        rateMicros: toMicros(rate),
        steps,
      })),
    };
    await this.#store.write(this.#writes(plan, charge, curves));
    for (const unit of PRIVACY_UNITS) {
      if (digests[unit] !== null) this.#curves.set(digests[unit], curves[unit]);
    }
    this.#charges.set(plan, charge);
    this.#spent = this.#added(others, charge);
    return checked(charge);
  }

  /** The charge, and the curves that are not there yet. */
  #writes(
    plan: Digest,
    charge: PrivacyCharge,
    curves: Readonly<Record<PrivacyUnit, RdpCurve>>,
  ): PeerWrite[] {
    const value = encodeCanonical(charge as CborValue);
    const writes: PeerWrite[] = [{ table: TABLE, key: CHARGE_PREFIX + plan, value }];
    for (const unit of PRIVACY_UNITS) {
      const digest = charge.curves[unit];
      if (digest === null || this.#curves.has(digest)) continue;
      writes.push({ table: TABLE, key: CURVE_PREFIX + digest, value: curves[unit].toBytes() });
    }
    return writes;
  }

  #sumWithout(plan: Digest): Spent {
    let sum: Spent = { example: NOTHING, site: NOTHING };
    for (const [other, charge] of this.#charges) {
      if (other !== plan) sum = this.#added(sum, charge);
    }
    return sum;
  }

  #added(spent: Spent, charge: PrivacyCharge): Spent {
    return byUnit((unit) => {
      const { curve, rounds, roundsWithoutBound } = spent[unit];
      const shown = this.#curveOf(charge, unit);
      if (!shown.isBounded) return { curve, rounds, roundsWithoutBound: roundsWithoutBound + 1 };
      return { curve: curve.plus(shown), rounds: rounds + 1, roundsWithoutBound };
    });
  }

  #curveOf({ curves, ordinal }: PrivacyCharge, unit: PrivacyUnit): RdpCurve {
    const digest = curves[unit];
    if (digest === null) return RdpCurve.NO_BOUND;
    const curve = this.#curves.get(digest);
    if (curve !== undefined) return curve;
    throw new PeerStoreError('corrupt', `the cost of privacy charge ${ordinal} is missing`);
  }
}

type Spent = Readonly<Record<PrivacyUnit, PrivacySpending>>;

const NOTHING: PrivacySpending = { curve: RdpCurve.ZERO, rounds: 0, roundsWithoutBound: 0 };

function byUnit<T>(of: (unit: PrivacyUnit) => T): Record<PrivacyUnit, T> {
  return { example: of('example'), site: of('site') };
}

function decodedCharge(key: string, value: Uint8Array): PrivacyCharge {
  const decoded = decodeCanonical(value, CHARGE_BYTES_MAX);
  const parsed = chargeSchema.safeParse(decoded.ok ? decoded.value : undefined);
  if (parsed.success && key.startsWith(CHARGE_PREFIX)) return parsed.data;
  throw new PeerStoreError('corrupt', `the record ${key} is no privacy charge`);
}

function decodedCurve(key: string, value: Uint8Array): RdpCurve {
  const curve = RdpCurve.fromBytes(value);
  if (curve.ok && digestOf(value) === key.slice(CURVE_PREFIX.length)) return curve.value;
  const message = `the record ${key} is no curve of ${RDP_CURVE_BYTES} bytes with that digest`;
  throw new PeerStoreError('corrupt', message);
}
