// Updates as integers of a ring, so that a masked sum is exact. PSA-1, section 1.7: in the ring of 64
// bits q(x) × weight with whole weights (form B), in 32 bits q(x × weight / weightMax) (form A), where
// q rounds x × 2^fractionBits to one of its two neighbours at random, unbiased.

import { type Checked, checked, PARAMETERS_MAX, refused, WEIGHT_MAX } from '@starling/shared';
import type { RandomSource } from '../random-source.ts';
import { atOnce, inTurns, type Pace, type Steps, yieldingPace } from './pace.ts';
import { assertWords, type RingLayout, statisticsAt, wordsOf } from './ring-vector.ts';
import {
  ROUNDED_MAX,
  RoundingBits,
  roundNarrow,
  roundWide,
  writeWide,
} from './stochastic-rounding.ts';

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
  return atOnce(encodeSteps(update, statistics, settings, random));
}

/** `encodeUpdate` in turns, for updates of millions of coordinates. */
export async function encodeUpdateInTurns(
  update: Float32Array,
  statistics: UpdateStatistics,
  settings: FixedPoint,
  random: RandomSource,
  pace: Pace = yieldingPace,
): Promise<EncodedUpdate> {
  return await inTurns(encodeSteps(update, statistics, settings, random), pace);
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
  return atOnce(decodeSteps(words, settings, summed));
}

/** `decodeSum` in turns, for sums of millions of coordinates. */
export async function decodeSumInTurns(
  words: Uint32Array,
  settings: FixedPoint,
  summed: number,
  pace: Pace = yieldingPace,
): Promise<Checked<DecodedSum>> {
  return await inTurns(decodeSteps(words, settings, summed), pace);
}

function* encodeSteps(
  update: Float32Array,
  { weight, lossFirst, lossLast }: UpdateStatistics,
  settings: FixedPoint,
  random: RandomSource,
): Steps<EncodedUpdate> {
  assertEncodable(update, { weight, lossFirst, lossLast }, settings);
  const { ring, clip, fractionBits, weightMax } = settings;
  const unit = 2 ** fractionBits * (ring === 32 ? weight / weightMax : 1);
  const words = new Uint32Array(wordsOf(settings));
  const bits = new RoundingBits(random);
  let clippedCoordinates = 0;
  for (let start = 0; start < update.length; start += ROUNDED_MAX) {
    const part = update.subarray(start, start + ROUNDED_MAX);
    const rounding = { clip, unit, draws: bits.draw(part.length) };
    clippedCoordinates +=
      ring === 32
        ? roundNarrow(part, rounding, words.subarray(start))
        : roundWide(part, rounding, weight, words.subarray(2 * start));
    yield part.length * CODED_BYTES;
  }
  bits.wipe();
  const tail = [weight, weightedLoss(lossFirst, weight), weightedLoss(lossLast, weight)];
  [...tail, clippedCoordinates].forEach((value, i) => {
    writeWide(words, statisticsAt(settings) + 2 * i, value);
  });
  return { words, clippedCoordinates };
}

function* decodeSteps(
  words: Uint32Array,
  settings: FixedPoint,
  summed: number,
): Steps<Checked<DecodedSum>> {
  assertWords(words, settings);
  if (!isWhole(summed, 1, 2 ** 32)) throw new RangeError(`a sum over ${summed} members`);
  const { ring, elements, fractionBits, weightMax } = settings;
  const statistics = [0, 1, 2, 3].map((i) => readWide(words, statisticsAt(settings) + 2 * i));
  const [weight = 0, first = 0, last = 0, clipped = 0] = statistics;
  if (weight < summed || weight > summed * weightMax) {
    const most = `${summed} members with 1 … ${weightMax} each`;
    return refused('wrong-shape', `weight ${weight} of ${most}`);
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
  for (let start = 0; start < elements; start += ROUNDED_MAX) {
    const end = Math.min(start + ROUNDED_MAX, elements);
    for (let i = start; i < end; i++) {
      const sum = ring === 32 ? (words[i] as number) | 0 : readWide(words, 2 * i);
      mean[i] = sum / unit;
    }
    yield (end - start) * CODED_BYTES;
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

/** Coding one coordinate takes as long as this many bytes of keystream. */
const CODED_BYTES = 32;

/** Weighted loss in steps of 2^-18, exact in float64 up to the largest weight and loss. */
function weightedLoss(loss: number, weight: number): number {
  const capped = Math.max(-LOSS_MAX, Math.min(LOSS_MAX, loss));
  return Math.round(capped * 2 ** LOSS_FRACTION_BITS) * weight;
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
