// The loops of secure aggregation alone, each beside the least that it could cost: masks beside their
// keystreams, additions beside a loop over typed arrays. Contenders take turns.

import {
  addBytesInto,
  addInto,
  applyMasks,
  combineShares,
  decodeSum,
  encodeUpdate,
  Keystream,
  type Mask,
  type RingLayout,
  ringVectorToBytes,
  splitSecret,
  systemRandom,
  wordsOf,
} from '@starling/crypto';
import type { BenchmarkContext, Row } from '../benchmark.ts';
import { type Summary, summarise } from '../measure.ts';

const ELEMENTS = 1_000_000;
const MASKS = 32;
const CHUNK = new Uint8Array(1 << 16);

/** By contender; the first call of each is not counted. */
type Contest = Readonly<Record<string, () => unknown>>;

export async function* measureKernels(context: BenchmarkContext): AsyncGenerator<Row> {
  for (const ring of [32, 64] as const) {
    const layout = { ring, elements: ELEMENTS };
    const bytes = wordsOf(layout) * 4;
    yield* rowsOf(
      context,
      `${MASKS} masks of 1e6 × ${ring} bits`,
      maskContest(layout),
      MASKS * bytes,
    );
    yield* rowsOf(context, `addition of 1e6 × ${ring} bits`, additionContest(layout), bytes);
  }
  for (const ring of [32, 64] as const) {
    yield* rowsOf(context, `coding of 1e6 coordinates, ${ring} bits`, codingContest(ring));
  }
  yield* rowsOf(context, '67 of 100 shares', sharingContest());
}

function maskContest(layout: RingLayout): Contest {
  const masks = Array.from({ length: MASKS }, (_, i): Mask => {
    return { seed: systemRandom(32), sign: i % 2 === 0 ? 1 : -1 };
  });
  const words = new Uint32Array(wordsOf(layout));
  return {
    plain() {
      for (const { seed } of masks) {
        const keystream = new Keystream(seed);
        for (let at = 0; at < words.byteLength; at += CHUNK.length) {
          keystream.fill(CHUNK.subarray(0, Math.min(CHUNK.length, words.byteLength - at)));
        }
      }
    },
    applyMasks: () => applyMasks(words, layout, masks),
  };
}

function additionContest(layout: RingLayout): Contest {
  const random = () => new Uint32Array(systemRandom(wordsOf(layout) * 4).buffer);
  const [sum, other] = [random(), random()];
  const bytes = ringVectorToBytes(other);
  return {
    plain: () => (layout.ring === 32 ? addNarrow(sum, other) : addWide(sum, other)),
    addInto: () => addInto(sum, other, layout),
    addBytesInto: () => addBytesInto(sum, bytes, layout),
  };
}

function addNarrow(sum: Uint32Array, other: Uint32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (other[i] as number);
}

function addWide(sum: Uint32Array, other: Uint32Array): void {
  for (let i = 0; i < sum.length; i += 2) {
    const low = (sum[i] as number) + (other[i] as number);
    sum[i] = low;
    const carry = low >= 2 ** 32 ? 1 : 0;
    sum[i + 1] = (sum[i + 1] as number) + (other[i + 1] as number) + carry;
  }
}

function codingContest(ring: 32 | 64): Contest {
  const settings = { ring, elements: ELEMENTS, fractionBits: 20, clip: 1, weightMax: 1 << 20 };
  const update = Float32Array.from({ length: ELEMENTS }, (_, i) => Math.sin(i));
  const statistics = { weight: 1 << 19, lossFirst: 1, lossLast: 0.5 };
  const { words } = encodeUpdate(update, statistics, settings, systemRandom);
  return {
    encodeUpdate: () => encodeUpdate(update, statistics, settings, systemRandom),
    decodeSum: () => decodeSum(words, settings, 1),
  };
}

function sharingContest(): Contest {
  const secret = systemRandom(32);
  const shares = splitSecret(secret, 100, 67, systemRandom).map((share, i) => ({
    x: i + 1,
    share,
  }));
  return {
    splitSecret: () => splitSecret(secret, 100, 67, systemRandom),
    combineShares: () => combineShares(shares.slice(33)),
  };
}

async function* rowsOf(
  context: BenchmarkContext,
  name: string,
  contest: Contest,
  bytes?: number,
): AsyncGenerator<Row> {
  context.progress(name);
  for (const [contender, millis] of await measureInTurns(context, contest)) {
    const speed = bytes === undefined ? {} : { gigabytesPerSecond: bytes / 1e6 / millis.median };
    yield { contender, case: name, figures: { ...speed, millis } };
  }
}

async function measureInTurns(
  { isQuick, signal }: BenchmarkContext,
  contest: Contest,
): Promise<Map<string, Summary>> {
  const samples = new Map(Object.keys(contest).map((name) => [name, [] as number[]]));
  for (let repeat = 0; repeat <= (isQuick ? 15 : 60); repeat++) {
    for (const [name, action] of Object.entries(contest)) {
      signal.throwIfAborted();
      const startedMs = performance.now();
      await action();
      if (repeat > 0) samples.get(name)?.push(performance.now() - startedMs);
    }
  }
  return new Map([...samples].map(([name, millis]) => [name, summarise(millis)]));
}
