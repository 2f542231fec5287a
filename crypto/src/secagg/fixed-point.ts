// Updates as integers of a ring, so that a masked sum is exact. PSA-1, section 1.7: in the ring of 64
// bits q(x) × weight with whole weights (form B), in 32 bits q(x × weight / weightMax) (form A), where
// q rounds x × 2^fractionBits to one of its two neighbours at random, unbiased.

import { type Checked, checked, PARAMETERS_MAX, refused, WEIGHT_MAX } from '@starling/shared';
import type { RandomSource } from '../random-source.ts';
import { assertWords, type RingLayout, statisticsAt, wordsOf } from './ring-vector.ts';
import { RoundingBits } from './rounding-bits.ts';

export interface FixedPoint extends RingLayout {
  /** Bits behind the binary point, at most `FRACTION_BITS_MAX`. */
  readonly fractionBits: number;
  /** Bound of one coordinate: what lies beyond ± `clip` is clipped and counted. */
  readonly clip: number;
  /** Largest weight of one member. */
  readonly weightMax: number;
}

/** What a member tells of its training beside the update; visible in the sum only. */
export interface UpdateStatistics {
  /** Whole, 1 … weightMax. */
  readonly weight: number;
  readonly lossFirst: number;
  readonly lossLast: number;
}

export interface EncodedUpdate {
  /** `wordsOf(settings)` words. */
  readonly words: Uint32Array;
  readonly clippedCoordinates: number;
}

export interface DecodedSum {
  /** Weighted mean, [elements]. */
  readonly mean: Float64Array;
  /** Sum of the weights. */
  readonly weight: number;
  /** Weighted mean over the members. */
  readonly lossFirst: number;
  readonly lossLast: number;
  /** Clipped coordinates over all coordinates of all members. */
  readonly clippedFraction: number;
}

export const FRACTION_BITS_MAX = 40;
/** A loss beyond this counts as this much. */
export const LOSS_MAX = 1 << 10;
/** Losses are summed in steps of 2^-18. */
export const LOSS_FRACTION_BITS = 18;

/**
 * The first inequality that the settings violate, in words, or `undefined` when the sum over that
 * many participants cannot wrap. To be checked when a session opens.
 */
export function overflowOf(settings: FixedPoint, participants: number): string | undefined {
  const { ring, elements, fractionBits, clip, weightMax } = settings;
  if (!isWhole(elements, 1, PARAMETERS_MAX)) {
    return `1 ≤ elements ≤ ${PARAMETERS_MAX} and whole does not hold: ${elements}`;
  }
  if (!isWhole(fractionBits, 0, FRACTION_BITS_MAX)) {
    return `0 ≤ fractionBits ≤ ${FRACTION_BITS_MAX} and whole does not hold: ${fractionBits}`;
  }
  if (!isWhole(weightMax, 1, WEIGHT_MAX)) {
    return `1 ≤ weightMax ≤ ${WEIGHT_MAX} and whole does not hold: ${weightMax}`;
  }
  if (!isWhole(participants, 1, 2 ** 32)) {
    return `1 ≤ participants ≤ 2^32 and whole does not hold: ${participants}`;
  }
  if (!(clip > 0 && clip < 2 ** 53)) return `0 < clip < 2^53 does not hold: ${clip}`;
  const steps = BigInt(Math.ceil(clip * 2 ** fractionBits)) + 1n;
  const people = BigInt(participants);
  const weight = BigInt(weightMax);
  const lossMax = BigInt(LOSS_MAX) << BigInt(LOSS_FRACTION_BITS);
  const coordinate = 'clip × 2^fractionBits + 1';
  const bounds: readonly Bound[] = [
    ring === 32
      ? [people * steps, 31, `participants × (${coordinate})`]
      : [people * weight * steps, 63, `participants × weightMax × (${coordinate})`],
    // One member's product is computed in float64, which has all integers up to 2^53.
    [ring === 32 ? steps : weight * steps, 53, `weightMax × (${coordinate}) of one member`],
    [people * weight * lossMax, 63, 'participants × weightMax × LOSS_MAX × 2^LOSS_FRACTION_BITS'],
  ];
  const violated = bounds.find(([value, bits]) => value >= 1n << BigInt(bits));
  if (violated === undefined) return undefined;
  const [value, bits, words] = violated;
  return `${words} < 2^${bits} does not hold: ${value}`;
}

/** A sum that must stay below 2^bits, and its words. */
type Bound = readonly [value: bigint, bits: number, words: string];

/**
 * One member's update and statistics as a vector of the ring: what it masks and sends. Rounding
 * draws 32 bytes from `random` and expands them; it is unbiased to 2^-32 of a step.
 * @throws {RangeError} when the settings overflow even for one participant, the update has not
 * `elements` coordinates, one of them or a loss is not finite, or the weight is out of range.
 */
export function encodeUpdate(
  update: Float32Array,
  statistics: UpdateStatistics,
  settings: FixedPoint,
  random: RandomSource,
): EncodedUpdate {
  assertEncodable(update, statistics, settings);
  const words = new Uint32Array(wordsOf(settings));
  const bits = new RoundingBits(random);
  let clippedCoordinates = 0;
  for (let start = 0; start < update.length; start += RoundingBits.DRAWN_MAX) {
    const part = update.subarray(start, start + RoundingBits.DRAWN_MAX);
    const draws = bits.draw(part.length);
    clippedCoordinates +=
      settings.ring === 32
        ? encodeNarrow(part, statistics.weight, settings, draws, words.subarray(start))
        : encodeWide(part, statistics.weight, settings, draws, words.subarray(start * 2));
  }
  bits.wipe();
  const { weight, lossFirst, lossLast } = statistics;
  const tail = [weight, weightedLoss(lossFirst, weight), weightedLoss(lossLast, weight)];
  [...tail, clippedCoordinates].forEach((value, i) => {
    writeWide(words, statisticsAt(settings) + 2 * i, value);
  });
  return { words, clippedCoordinates };
}

/**
 * The weighted mean of the updates whose sum this is. Refuses statistics that no members who follow
 * the protocol can have.
 * @throws {RangeError} when `words` is no vector of these settings or `summed` no number of members.
 */
export function decodeSum(
  words: Uint32Array,
  settings: FixedPoint,
  summed: number,
): Checked<DecodedSum> {
  assertWords(words, settings);
  if (!isWhole(summed, 1, 2 ** 32)) throw new RangeError(`a sum over ${summed} members`);
  const { ring, elements, fractionBits, weightMax } = settings;
  const statistic = (i: number) => readWide(words, statisticsAt(settings) + 2 * i);
  const [weight, first, last, clipped] = [statistic(0), statistic(1), statistic(2), statistic(3)];
  if (weight < summed || weight > summed * weightMax) {
    return refused(
      'wrong-shape',
      `weight ${weight} of ${summed} members with 1 … ${weightMax} each`,
    );
  }
  const lossMax = weight * LOSS_MAX * 2 ** LOSS_FRACTION_BITS;
  if (Math.abs(first) > lossMax || Math.abs(last) > lossMax) {
    return refused('wrong-shape', `a mean loss beyond ± ${LOSS_MAX}`);
  }
  if (clipped < 0 || clipped > summed * elements) {
    return refused('wrong-shape', `${clipped} clipped of ${summed} × ${elements} coordinates`);
  }
  const unit = 2 ** fractionBits * (ring === 32 ? weight / weightMax : weight);
  const mean = new Float64Array(elements);
  for (let i = 0; i < elements; i++) {
    const sum = ring === 32 ? (words[i] as number) | 0 : readWide(words, 2 * i);
    mean[i] = sum / unit;
  }
  const lossUnit = 2 ** LOSS_FRACTION_BITS * weight;
  return checked({
    mean,
    weight,
    lossFirst: first / lossUnit,
    lossLast: last / lossUnit,
    clippedFraction: clipped / (summed * elements),
  });
}

/** Form A. Writes one word per coordinate; returns how many were clipped. */
function encodeNarrow(
  part: Float32Array,
  weight: number,
  settings: FixedPoint,
  draws: Uint32Array,
  into: Uint32Array,
): number {
  const { clip, fractionBits, weightMax } = settings;
  const unit = 2 ** fractionBits * (weight / weightMax);
  let clipped = 0;
  for (let i = 0; i < part.length; i++) {
    let value = part[i] as number;
    if (!(value >= -clip && value <= clip)) {
      value = clipTo(value, clip);
      clipped += 1;
    }
    const steps = value * unit;
    const below = Math.floor(steps);
    into[i] = below + ((draws[i] as number) < (steps - below) * DRAWS ? 1 : 0);
  }
  return clipped;
}

/** Form B. Writes two words per coordinate; returns how many were clipped. */
function encodeWide(
  part: Float32Array,
  weight: number,
  settings: FixedPoint,
  draws: Uint32Array,
  into: Uint32Array,
): number {
  const { clip, fractionBits } = settings;
  const unit = 2 ** fractionBits;
  let clipped = 0;
  for (let i = 0; i < part.length; i++) {
    let value = part[i] as number;
    if (!(value >= -clip && value <= clip)) {
      value = clipTo(value, clip);
      clipped += 1;
    }
    const steps = value * unit;
    const below = Math.floor(steps);
    const rounded = below + ((draws[i] as number) < (steps - below) * DRAWS ? 1 : 0);
    writeWide(into, 2 * i, rounded * weight);
  }
  return clipped;
}

/** Equally likely values of one draw. */
const DRAWS = 2 ** 32;

function clipTo(value: number, clip: number): number {
  if (!Number.isFinite(value)) throw new RangeError(`a coordinate of the update is ${value}`);
  return Math.sign(value) * clip;
}

/** Weighted loss in steps of 2^-18, exact in float64 up to the largest weight and loss. */
function weightedLoss(loss: number, weight: number): number {
  const capped = Math.max(-LOSS_MAX, Math.min(LOSS_MAX, loss));
  return Math.round(capped * 2 ** LOSS_FRACTION_BITS) * weight;
}

/** A whole number of at most 53 bits in two's complement, low word first. */
function writeWide(words: Uint32Array, at: number, value: number): void {
  words[at] = value;
  words[at + 1] = Math.floor(value * 2 ** -32);
}

/** A signed 64-bit integer, rounded to float64. */
function readWide(words: Uint32Array, at: number): number {
  return ((words[at + 1] as number) | 0) * 2 ** 32 + (words[at] as number);
}

function assertEncodable(
  update: Float32Array,
  { weight, lossFirst, lossLast }: UpdateStatistics,
  settings: FixedPoint,
): void {
  const overflow = overflowOf(settings, 1);
  if (overflow !== undefined) throw new RangeError(overflow);
  if (update.length !== settings.elements) {
    throw new RangeError(`an update of ${update.length} coordinates, not ${settings.elements}`);
  }
  if (!isWhole(weight, 1, settings.weightMax)) {
    throw new RangeError(`weight ${weight} is not whole and 1 … ${settings.weightMax}`);
  }
  if (!Number.isFinite(lossFirst) || !Number.isFinite(lossLast)) {
    throw new RangeError(`losses ${lossFirst} and ${lossLast} are not both finite`);
  }
}

function isWhole(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max;
}
