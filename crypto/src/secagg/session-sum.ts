// From a member's update to ring elements, and from the survivors' vectors to their mean.

import { type Checked, checked } from '@starling/shared';
import type { RandomSource } from '../random-source.ts';
import { type DecodedSum, decodeSum, encodeUpdate } from './fixed-point.ts';
import { applyMasks, type Mask } from './masks.ts';
import { type Pace, yieldingPace } from './pace.ts';
import {
  addInto,
  bytesOf,
  ringVectorFromBytes,
  ringVectorToBytes,
  wordsOf,
} from './ring-vector.ts';
import type { Session } from './session.ts';

/** What a member puts into a sum besides its update. */
export interface UpdateStatistics {
  /** Local examples; more than the session's `weightMax` count as that many. */
  readonly examples: number;
  readonly lossFirst: number;
  readonly lossLast: number;
}

/**
 * The masked vector of an update, as bytes.
 * @param update the clipped difference to the base model, `[elements]`
 */
export async function maskUpdate(
  session: Session,
  update: Float32Array,
  { examples, lossFirst, lossLast }: UpdateStatistics,
  masks: readonly Mask[],
  random: RandomSource,
  pace: Pace = yieldingPace,
): Promise<Uint8Array> {
  const weight = Math.min(examples, session.numbers.weightMax);
  const statistics = { weight, lossFirst, lossLast };
  const { words } = encodeUpdate(update, statistics, session.numbers, random);
  await pace.pause();
  await applyMasks(words, session.numbers, masks, pace);
  return ringVectorToBytes(words);
}

/** Bytes of one member's vector. */
export function vectorBytes(session: Session): number {
  return bytesOf(session.numbers);
}

/** Adds masked vectors one after the other: never more than two of them are in memory. */
export class SessionSum {
  readonly #session: Session;
  readonly #words: Uint32Array;
  #summed = 0;

  constructor(session: Session) {
    this.#session = session;
    this.#words = new Uint32Array(wordsOf(session.numbers));
  }

  /** Adds a survivor's vector; refuses one of another length. */
  add(bytes: Uint8Array): Checked<void> {
    const vector = ringVectorFromBytes(bytes, this.#session.numbers);
    if (!vector.ok) return vector;
    addInto(this.#words, vector.value, this.#session.numbers);
    this.#summed += 1;
    return checked(undefined);
  }

  /** Takes masks off; their signs are those of `masksOfSum`. */
  async takeOff(masks: readonly Mask[], pace: Pace = yieldingPace): Promise<void> {
    await applyMasks(this.#words, this.#session.numbers, masks, pace);
  }

  /** The plain integers, as ring elements: equal to the sum of what the members encoded. */
  get words(): Uint32Array {
    return this.#words;
  }

  /** Mean and statistics; refuses statistics that no sum of honest members has. */
  decode(_centralNoise: Uint8Array | null): Checked<DecodedSum> {
    return decodeSum(this.#words, this.#session.numbers, this.#summed);
  }
}
