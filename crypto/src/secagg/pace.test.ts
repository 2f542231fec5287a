import test from 'ava';
import { Keystream } from '../keystream.ts';
import type { RandomSource } from '../random-source.ts';
import { decodeSum, decodeSumInTurns, encodeUpdate, encodeUpdateInTurns } from './fixed-point.ts';
import { atOnce, inTurns, type Pace, type Steps, TURN_BYTES } from './pace.ts';
import { addBytesInto, addInto, bytesOf, ringVectorToBytes, wordsOf } from './ring-vector.ts';

const seeded = (): RandomSource => {
  const keystream = new Keystream(new Uint8Array(32).fill(1));
  return (bytes) => {
    const drawn = new Uint8Array(bytes);
    keystream.fill(drawn);
    return drawn;
  };
};

class CountingPace implements Pace {
  pauses = 0;

  async pause(): Promise<void> {
    this.pauses += 1;
  }
}

test('work pauses whenever it has taken the bytes of a turn, and gives what it gives at once', async (t) => {
  function* work(): Steps<string> {
    for (let i = 0; i < 10; i++) yield TURN_BYTES / 4;
    return 'done';
  }
  const pace = new CountingPace();
  t.is(await inTurns(work(), pace), 'done');
  t.is(pace.pauses, 2);
  t.is(atOnce(work()), 'done');
});

test('work that a pause ends may still clear up', async (t) => {
  let isCleared = false;
  function* work(): Steps<void> {
    try {
      yield TURN_BYTES;
    } finally {
      isCleared = true;
    }
  }
  const pause = () => Promise.reject(new Error('stopped'));
  await t.throwsAsync(inTurns(work(), { pause }), { message: 'stopped' });
  t.true(isCleared);
});

test('large updates are encoded, added and decoded in turns, with the same result', async (t) => {
  for (const ring of [32, 64] as const) {
    const settings = { ring, elements: 300_000, fractionBits: 10, clip: 1, weightMax: 9 };
    const update = Float32Array.from({ length: settings.elements }, (_, i) => Math.sin(i));
    const statistics = { weight: 7, lossFirst: 3, lossLast: 2 };
    const pace = new CountingPace();
    const encoded = await encodeUpdateInTurns(update, statistics, settings, seeded(), pace);
    t.deepEqual(encoded, encodeUpdate(update, statistics, settings, seeded()));
    t.true(pace.pauses >= 4);
    const bytes = ringVectorToBytes(encoded.words);
    const [sum, plain] = [new Uint32Array(wordsOf(settings)), new Uint32Array(wordsOf(settings))];
    const before = pace.pauses;
    for (let i = 0; i < 3; i++) {
      t.true((await addBytesInto(sum, bytes, settings, pace)).ok);
      addInto(plain, encoded.words, settings);
    }
    t.deepEqual(sum, plain);
    t.is(pace.pauses - before, 3 * Math.floor(bytesOf(settings) / TURN_BYTES));
    t.deepEqual(await decodeSumInTurns(sum, settings, 3, pace), decodeSum(plain, settings, 3));
  }
});

test('bytes of another length are refused and nothing is added', async (t) => {
  const layout = { ring: 32, elements: 3 } as const;
  const sum = new Uint32Array(wordsOf(layout));
  const refused = await addBytesInto(sum, new Uint8Array(bytesOf(layout) - 1).fill(1), layout);
  t.like(refused, { ok: false, refusal: { reason: 'wrong-dimension' } });
  t.true(sum.every((word) => word === 0));
  const none = new Uint8Array(bytesOf(layout));
  await t.throwsAsync(addBytesInto(sum.subarray(1), none, layout), { instanceOf: RangeError });
});
