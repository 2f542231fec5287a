// From a member's update to ring elements, and from the survivors' vectors to their mean.

import { type Checked, checked, fromMicros, refused } from '@starling/shared';
import { Keystream } from '../keystream.ts';
import { noiseShape } from '../privacy/distributed-noise.ts';
import { addGaussianNoise } from '../privacy/gaussian-mechanism.ts';
import { decodePrivateSum, encodePrivateUpdate } from '../privacy/private-update.ts';
import type { RandomSource } from '../random-source.ts';
import { type DecodedSum, decodeSumInTurns, encodeUpdateInTurns } from './fixed-point.ts';
import { applyMasks, type Mask } from './masks.ts';
import { type Pace, yieldingPace } from './pace.ts';
import {
  addBytesInto,
  bytesOf,
  type RingLayout,
  rawBytes,
  statisticsAt,
  wordsOf,
} from './ring-vector.ts';
import type { Session } from './session.ts';
import { distributedNoiseOf } from './session-noise.ts';

/** What a member puts into a sum besides its update. */
export interface LocalStatistics {
  /** Local examples; more than the session's `weightMax` count as that many. */
  readonly examples: number;
  readonly lossFirst: number;
  readonly lossLast: number;
}

/** Layout of a session's vectors: the elements, padded to a power of two under distributed noise. */
export function layoutOf(session: Session): RingLayout {
  const { announce, corrupt, numbers } = session;
  const noise = distributedNoiseOf(announce, corrupt);
  if (noise === undefined) return numbers;
  return { ring: numbers.ring, elements: noiseShape(noise).paddedElements };
}

/** Bytes of one member's vector. */
export function vectorBytes(session: Session): number {
  return bytesOf(layoutOf(session));
}

/**
 * An update as a vector of the ring, with its share of noise when the session has one.
 * @param update the clipped difference to the base model, `[elements]`
 */
export async function encodeForSession(
  session: Session,
  update: Float32Array,
  { examples, lossFirst, lossLast }: LocalStatistics,
  random: RandomSource,
  pace: Pace = yieldingPace,
): Promise<Uint32Array> {
  const { announce, corrupt, numbers } = session;
  const noise = distributedNoiseOf(announce, corrupt);
  // Noise hides the update only: what else a private round told would be in the clear.
  const isPrivate = announce.noise !== null;
  if (noise === undefined) {
    const statistics = isPrivate
      ? { weight: 1, lossFirst: 0, lossLast: 0 }
      : { weight: Math.min(examples, numbers.weightMax), lossFirst, lossLast };
    return (await encodeUpdateInTurns(update, statistics, numbers, random, pace)).words;
  }
  const coordinates = await encodePrivateUpdate(update, noise, random, pace);
  const layout = layoutOf(session);
  const words = new Uint32Array(wordsOf(layout));
  const stride = layout.ring / 32;
  for (let i = 0; i < coordinates.length; i++) {
    const value = coordinates[i] as number;
    words[i * stride] = value;
    if (stride === 2) words[i * stride + 1] = value < 0 ? 0xffffffff : 0;
  }
  words[statisticsAt(layout)] = 1;
  return words;
}

/** The masked vector of an update, as bytes. */
export async function maskUpdate(
  session: Session,
  update: Float32Array,
  statistics: LocalStatistics,
  masks: readonly Mask[],
  random: RandomSource,
  pace: Pace = yieldingPace,
): Promise<Uint8Array> {
  const words = await encodeForSession(session, update, statistics, random, pace);
  await applyMasks(words, layoutOf(session), masks, pace);
  // Nobody else has them, and copying tens of megabytes would hold the event loop.
  return rawBytes(words);
}

/** Adds masked vectors one after the other: never more than two of them are in memory. */
export class SessionSum {
  readonly #session: Session;
  readonly #layout: RingLayout;
  readonly #words: Uint32Array;
  #summed = 0;

  constructor(session: Session) {
    this.#session = session;
    this.#layout = layoutOf(session);
    this.#words = new Uint32Array(wordsOf(this.#layout));
  }

  /** Adds a survivor's vector; refuses one of another length. */
  async add(bytes: Uint8Array, pace: Pace = yieldingPace): Promise<Checked<void>> {
    const added = await addBytesInto(this.#words, bytes, this.#layout, pace);
    if (added.ok) this.#summed += 1;
    return added;
  }

  /** Takes masks off; their signs are those of `masksOfSum`. */
  async takeOff(masks: readonly Mask[], pace: Pace = yieldingPace): Promise<void> {
    await applyMasks(this.#words, this.#layout, masks, pace);
  }

  /** The plain integers, as ring elements: equal to the sum of what the members encoded. */
  get words(): Uint32Array {
    return this.#words;
  }

  /**
   * Mean and statistics; refuses statistics that no sum of honest members has.
   * @param centralNoise 32 bytes, the seed of the coordinator's own noise; null without
   */
  async decode(
    centralNoise: Uint8Array | null,
    pace: Pace = yieldingPace,
  ): Promise<Checked<DecodedSum>> {
    const { announce, corrupt, numbers } = this.#session;
    const isCentral = announce.noise?.mechanism === 'central-gaussian';
    if (isCentral !== (centralNoise !== null)) {
      return refused('wrong-shape', 'the noise is not that of the announced mechanism');
    }
    if (distributedNoiseOf(announce, corrupt) !== undefined) return this.#decodePrivate(pace);
    const decoded = await decodeSumInTurns(this.#words, numbers, this.#summed, pace);
    if (!decoded.ok || centralNoise === null) return decoded;
    const noise = {
      sensitivity: fromMicros(announce.normMicros) / this.#summed,
      noiseMultiplier: fromMicros(announce.noise?.noiseMultiplierMicros ?? 0),
    };
    const stream = new Keystream(centralNoise);
    const source: RandomSource = (bytes) => {
      const drawn = new Uint8Array(bytes);
      stream.fill(drawn);
      return drawn;
    };
    return checked({
      ...decoded.value,
      mean: await addGaussianNoise(decoded.value.mean, noise, source, pace),
    });
  }

  async #decodePrivate(pace: Pace): Promise<Checked<DecodedSum>> {
    const noise = distributedNoiseOf(this.#session.announce, this.#session.corrupt);
    const weight = this.#words[statisticsAt(this.#layout)];
    if (noise === undefined || weight !== this.#summed) {
      return refused('wrong-shape', `weight ${weight} of ${this.#summed} members with 1 each`);
    }
    const mean = await decodePrivateSum(this.#signed(), noise, this.#summed, pace);
    return checked({ mean, weight, lossFirst: 0, lossLast: 0, clippedFraction: 0 });
  }

  /** Elements as signed numbers; those of the wide ring are small enough for float64. */
  #signed(): ArrayLike<number> {
    const { elements, ring } = this.#layout;
    const words = new Int32Array(this.#words.buffer, this.#words.byteOffset, this.#words.length);
    if (ring === 32) return words.subarray(0, elements);
    return Float64Array.from({ length: elements }, (_, i) => {
      return (words[2 * i + 1] as number) * 2 ** 32 + ((words[2 * i] as number) >>> 0);
    });
  }
}
