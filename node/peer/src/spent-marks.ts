// What this site gave away in secure aggregation (PSA-1, R3): once it signed who survived, the update
// behind it is spent, or a coordinator could ask for the same sum without one member and subtract.

import {
  type CborValue,
  type Digest,
  decodeCanonical,
  digestSchema,
  encodeCanonical,
  type PeerStore,
  type PeerWrite,
  uintSchema,
  z,
} from '@starling/shared';

/** Rounds whose marks are kept; older rounds are refused whatever they ask. */
export const SPENT_ROUNDS_MAX = 256;

const MARK_BYTES_MAX = 1024;
const MARK_PREFIX = 'spent/';
const HIGH_WATER_KEY = 'round-high-water';

const positionSchema = z.strictObject({ attempt: uintSchema, round: uintSchema });
const spentMarkSchema = z.strictObject({
  attempt: uintSchema,
  round: uintSchema,
  session: digestSchema,
  /** Digest of the survivors' statement that was signed. */
  survivors: digestSchema,
  /** Digest of the local update before masking. */
  update: digestSchema,
});

/** A try of a round; tries are ordered by round, then attempt. */
export type RoundPosition = z.infer<typeof positionSchema>;
export type SpentMark = z.infer<typeof spentMarkSchema>;

export interface Spending {
  /** True when the mark stands on the disk: the statement may be signed. */
  readonly ok: boolean;
  /** The mark that stands, or the one that forbids this one. */
  readonly standing: SpentMark;
}

/**
 * Invariant: of each round and of each update at most one statement is ever recorded, and rounds
 * never go back.
 */
export class SpentMarks {
  readonly #store: PeerStore;
  /** By round, oldest first. */
  readonly #marks = new Map<number, SpentMark>();
  readonly #updates = new Map<Digest, SpentMark>();
  #highWater: RoundPosition = { round: 0, attempt: 0 };
  /** Marks are recorded one after the other. */
  #tail: Promise<unknown> = Promise.resolve();

  private constructor(store: PeerStore) {
    this.#store = store;
  }

  /** Reads what this site signed before. */
  static async open(store: PeerStore): Promise<SpentMarks> {
    const marks = new SpentMarks(store);
    for await (const { key, value } of store.entries('mark')) {
      if (key.startsWith(MARK_PREFIX)) marks.#remember(decoded(value, spentMarkSchema));
    }
    const stored = await store.get('mark', HIGH_WATER_KEY);
    if (stored !== undefined) marks.#lift(decoded(stored, positionSchema));
    return marks;
  }

  /** The newest try that this site took part in; zeros before the first. */
  highWater(): RoundPosition {
    return this.#highWater;
  }

  /** True when this site may still take part in this try. */
  isAbove({ attempt, round }: RoundPosition): boolean {
    return isBefore(this.#highWater, { attempt, round });
  }

  /** What was signed in this round or for this update: neither is masked again. */
  standing({ round, update }: Pick<SpentMark, 'round' | 'update'>): SpentMark | undefined {
    return this.#marks.get(round) ?? this.#updates.get(update);
  }

  /**
   * Takes part in a newer try: false, and nothing changes, when it is not above the high-water mark.
   * Durable when it resolves.
   */
  raise(position: RoundPosition): Promise<boolean> {
    return this.#alone(async () => {
      if (!this.isAbove(position)) return false;
      const value = encodeCanonical({ ...position });
      await this.#store.write([{ table: 'mark', key: HIGH_WATER_KEY, value }]);
      this.#lift(position);
      return true;
    });
  }

  /**
   * Records what is about to be signed; durable when it resolves. The same mark again is `ok`. A
   * different one for its round or its update, and any for an older round, is not.
   */
  record(mark: SpentMark): Promise<Spending> {
    return this.#alone(async () => {
      const forbidding = this.#forbidding(mark);
      if (forbidding !== undefined) return { ok: false, standing: forbidding };
      const value = encodeCanonical(mark as CborValue);
      const stored = await this.#store.putIfAbsent('mark', keyOf(mark.round), value);
      const standing = decoded(stored, spentMarkSchema);
      this.#remember(standing);
      await this.#prune();
      return { ok: isSame(standing, mark), standing };
    });
  }

  #forbidding(mark: SpentMark): SpentMark | undefined {
    const newest = [...this.#marks.values()].at(-1);
    const standing =
      this.standing(mark) ??
      (newest !== undefined && mark.round < newest.round ? newest : undefined);
    return standing === undefined || isSame(standing, mark) ? undefined : standing;
  }

  #remember(mark: SpentMark): void {
    this.#marks.set(mark.round, mark);
    this.#updates.set(mark.update, mark);
    this.#lift(mark);
  }

  #lift({ attempt, round }: RoundPosition): void {
    const position = { attempt, round };
    if (isBefore(this.#highWater, position)) this.#highWater = position;
  }

  async #prune(): Promise<void> {
    const old = [...this.#marks.values()].slice(0, -SPENT_ROUNDS_MAX);
    if (old.length === 0) return;
    const writes = old.map(({ round }): PeerWrite => {
      return { table: 'mark', key: keyOf(round), value: undefined };
    });
    await this.#store.write(writes);
    for (const { round, update } of old) {
      this.#marks.delete(round);
      this.#updates.delete(update);
    }
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#tail.then(work);
    this.#tail = run.catch(() => undefined);
    return run;
  }
}

/** Padded, so that keys come in the order of rounds. */
function keyOf(round: number): string {
  return MARK_PREFIX + String(round).padStart(16, '0');
}

function isBefore(a: RoundPosition, b: RoundPosition): boolean {
  return a.round === b.round ? a.attempt < b.attempt : a.round < b.round;
}

function isSame(a: SpentMark, b: SpentMark): boolean {
  return (
    a.round === b.round &&
    a.attempt === b.attempt &&
    a.session === b.session &&
    a.survivors === b.survivors &&
    a.update === b.update
  );
}

function decoded<T>(bytes: Uint8Array, schema: z.ZodType<T>): T {
  const value = decodeCanonical(bytes, MARK_BYTES_MAX);
  return schema.parse(value.ok ? value.value : undefined);
}
