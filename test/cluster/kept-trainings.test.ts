// What a site keeps of its trainings, over a store in memory.

import { MemoryPeerStore } from '@starling/adapters';
import { digestOf } from '@starling/crypto';
import { KeptTrainings, TRAININGS_KEPT_MAX, type TrainingRecord } from '@starling/peer';
import type { MemberId } from '@starling/shared';
import test from 'ava';

const SOME = digestOf(new Uint8Array());
const SALT = new Uint8Array(32).fill(7);
/** Over one record of the store, which takes 8 MiB. */
const ELEMENTS = 2_500_000;

function recordOf(round: number): TrainingRecord {
  return {
    base: digestOf(Uint8Array.of(round)),
    baseBytes: 4 * ELEMENTS,
    baseVersion: round - 1,
    clipped: false,
    clippingNormMicros: 1,
    cohort: [SOME as string as MemberId],
    data: SOME,
    delta: SOME,
    elements: ELEMENTS,
    engine: { graph: null, name: 'built-in', threads: 1, version: '1' },
    examples: 10 * round,
    lossFirstMicros: 2,
    lossLastMicros: 1,
    member: SOME as string as MemberId,
    plan: SOME,
    round,
    seed: 1,
    training: { batchSize: 2, learningRateMicros: 1, localEpochs: 1, temperatureMicros: 1 },
  };
}

const data = { digest: SOME, ids: new Uint8Array(32), marks: new Uint8Array(8) };

test('only the newest trainings are kept, each whole, and all are found again', async (t) => {
  const store = new MemoryPeerStore();
  const kept = await KeptTrainings.open(store);
  const rounds = TRAININGS_KEPT_MAX + 2;
  for (let round = 1; round <= rounds; round++) {
    const delta = new Float32Array(round === rounds ? ELEMENTS : 4).fill(round);
    await kept.keep({ ...recordOf(round), elements: delta.length }, SALT, { data, delta });
  }
  const again = await KeptTrainings.open(store);
  t.deepEqual(
    again.rounds,
    Array.from({ length: TRAININGS_KEPT_MAX }, (_, i) => i + 3),
  );
  t.is(again.newestExamples, 10 * rounds);
  t.is(again.bases.length, TRAININGS_KEPT_MAX);
  t.is(await again.of(2), undefined);
  const last = await again.of(rounds);
  if (last === undefined) return t.fail('the last one is kept');
  const delta = await again.deltaOf(last.record);
  t.is(delta?.length, ELEMENTS);
  t.true(delta?.every((value) => value === rounds));
  t.deepEqual(await again.dataOf(last.record), data);
  // An index, one list of documents, a record for each round, and its difference: the last in three.
  t.is(await store.count('commitment'), 2 + 2 * TRAININGS_KEPT_MAX + 2);
});

test('the commitment changes with every field and with the salt', async (t) => {
  const kept = await KeptTrainings.open(new MemoryPeerStore());
  const delta = new Float32Array(4);
  const commitments = [
    await kept.keep(recordOf(1), SALT, { data, delta }),
    await kept.keep(recordOf(1), new Uint8Array(32), { data, delta }),
    await kept.keep({ ...recordOf(1), seed: 2 }, SALT, { data, delta }),
    await kept.keep({ ...recordOf(1), examples: 11 }, SALT, { data, delta }),
  ];
  t.is(new Set(commitments).size, 4);
  const again = await kept.keep(recordOf(1), SALT, { data, delta });
  t.is(again, commitments[0] ?? again);
});
