// Masks of a vector: ChaCha20 keystreams of 32-byte seeds, added and subtracted in the ring. PSA-1,
// R2 and R4. A chunk of the vector stays in the cache while the masks pass over it, so the cost is
// that of the keystreams.

import { KEYSTREAM_KEY_BYTES, Keystream } from '../keystream.ts';
import { inTurns, type Pace, type Steps, TURN_BYTES, yieldingPace } from './pace.ts';
import { KERNEL_BYTES_MAX, ringKernel } from './ring-kernel.ts';
import { assertWords, chunksOf, type RingLayout, rawBytes } from './ring-vector.ts';

export interface Mask {
  /** 32 bytes. */
  readonly seed: Uint8Array;
  /** Whether the mask is added or subtracted. */
  readonly sign: 1 | -1;
}

/**
 * Adds or subtracts the masks' keystreams, statistics included, in place. Gives way to the event
 * loop after each `TURN_BYTES` of keystream; until it resolves, `words` is partly masked.
 * @throws {RangeError} when `words` is no vector of this layout or a seed is not 32 bytes, before
 * anything is written.
 */
export async function applyMasks(
  words: Uint32Array,
  layout: RingLayout,
  masks: readonly Mask[],
  pace: Pace = yieldingPace,
): Promise<void> {
  assertWords(words, layout);
  for (const { seed } of masks) {
    if (seed.byteLength !== KEYSTREAM_KEY_BYTES) {
      throw new RangeError(`a mask's seed has ${KEYSTREAM_KEY_BYTES} bytes`);
    }
  }
  await inTurns(maskSteps(words, layout, masks), pace);
}

/** Keystreams that are open at a time; with a chunk each they fill one turn. */
const MASKS_AT_ONCE = TURN_BYTES / KERNEL_BYTES_MAX;
/** Opening a keystream takes as long as this many of its bytes. */
const OPENING_BYTES = 1 << 15;

interface MaskStream {
  readonly keystream: Keystream;
  readonly operation: 'add' | 'subtract';
}

function openMask({ seed, sign }: Mask): MaskStream {
  return { keystream: new Keystream(seed), operation: sign === 1 ? 'add' : 'subtract' };
}

function* maskSteps(words: Uint32Array, layout: RingLayout, masks: readonly Mask[]): Steps<void> {
  const vector = rawBytes(words);
  try {
    for (let first = 0; first < masks.length; first += MASKS_AT_ONCE) {
      const streams = masks.slice(first, first + MASKS_AT_ONCE).map(openMask);
      yield streams.length * OPENING_BYTES;
      for (const { ring, start, end } of chunksOf(layout)) {
        maskChunk(vector.subarray(start, end), ring, streams);
        yield (end - start) * streams.length;
      }
    }
  } finally {
    ringKernel.wipe();
  }
}

/** One chunk under all streams, in one go: the kernel's memory is shared. */
function maskChunk(chunk: Uint8Array, ring: 32 | 64, streams: readonly MaskStream[]): void {
  const bytes = chunk.byteLength;
  const mask = ringKernel.other.subarray(0, bytes);
  ringKernel.sum.set(chunk);
  for (const { keystream, operation } of streams) {
    keystream.fill(mask);
    ringKernel.run(operation, ring, bytes);
  }
  chunk.set(ringKernel.sum.subarray(0, bytes));
}
