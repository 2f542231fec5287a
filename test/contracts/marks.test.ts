// Numbers that never fall and marks that never change, through SIGKILL and a clock that was set back.

import { ManualClock, MemoryPeerStore, openSqlitePeerStore } from '@starling/adapters';
import { DurableReplayWindow } from '@starling/crypto';
import { SPENT_ROUNDS_MAX, SpentMarks } from '@starling/peer';
import { type MemberId, PeerStoreError, SEQUENCE_BLOCK, Sequence } from '@starling/shared';
import test from 'ava';
import { runUntilKilled } from './killed-child.ts';
import { spentMark } from './spent-mark.ts';
import { temporaryFolder } from './temporary-folder.ts';

const HOUR_MS = 3_600_000;
const [alice, bob] = ['a'.repeat(64) as MemberId, 'b'.repeat(64) as MemberId];

test('kill -9: numbers go on above all that were handed out, whatever the clock says', async (t) => {
  const folder = temporaryFolder(t);
  let before = 0;
  for (const offMs of [0, -HOUR_MS, -2 * HOUR_MS, HOUR_MS, 0]) {
    const last = await runUntilKilled('stamp-until-killed.ts', [folder, String(offMs)], 400);
    t.true(last > before, `${last} after ${before}`);
    const store = openSqlitePeerStore(folder);
    const { seq } = (await Sequence.open(new ManualClock(0), store)).stamp();
    t.true(seq > last);
    before = seq;
    await store.stop();
  }
});

test('who takes over numbers above what the former one stamped, also with a clock behind', async (t) => {
  const [ahead, behind] = [new ManualClock(10 * HOUR_MS), new ManualClock(HOUR_MS)];
  const former = await Sequence.open(ahead, new MemoryPeerStore());
  const last = former.stamp().seq;
  const store = new MemoryPeerStore();
  const next = await Sequence.open(behind, store, ahead.nowMs() + 1);
  const first = next.stamp();
  t.true(first.seq > last);
  t.is(first.nowMs, HOUR_MS);
  t.true((await Sequence.open(behind, store)).stamp().seq > first.seq, 'and so after a restart');
});

test('many numbers cost few writes', async (t) => {
  const store = openSqlitePeerStore(temporaryFolder(t));
  const clock = new ManualClock();
  const sequence = await Sequence.open(clock, store);
  const before = store.commits;
  for (let i = 0; i < 600; i++) {
    sequence.stamp();
    await clock.advance(1_000);
  }
  const blocks = (600 * 1_000_000) / SEQUENCE_BLOCK;
  t.true(store.commits - before <= 2 * blocks + 1, `${store.commits - before} writes`);
  await store.stop();
});

test('a sequence whose disk takes no writes goes on for a while, rising, then says so', async (t) => {
  const store = new MemoryPeerStore();
  const clock = new ManualClock();
  const sequence = await Sequence.open(clock, store);
  await store.stop();
  await clock.advance(HOUR_MS);
  let last = 0;
  const error = t.throws(
    () => {
      for (let i = 0; i <= SEQUENCE_BLOCK; i++) {
        const { seq } = sequence.stamp();
        if (seq <= last) throw new Error(`${seq} after ${last}`);
        last = seq;
      }
    },
    { instanceOf: PeerStoreError },
  );
  t.is(error?.code, 'storage');
  t.true(last <= clock.nowMs() * 1000 - HOUR_MS * 1000 + SEQUENCE_BLOCK);
});

test('kill -9: what was taken for fresh is a replay ever after', async (t) => {
  const folder = temporaryFolder(t);
  let first = 1;
  for (const count of [3, 40, 17]) {
    const last = await runUntilKilled('check-until-killed.ts', [folder, String(first)], count);
    const store = openSqlitePeerStore(folder);
    const window = await DurableReplayWindow.open(store);
    for (let seq = 0; seq <= last; seq++) {
      t.is(await window.check(alice, seq), 'replay');
      t.is(await window.check(bob, seq), 'replay');
    }
    // The killed child may have written one more than it could tell.
    first = last + 3;
    t.is(await window.check(alice, first), 'fresh');
    first++;
    await store.stop();
  }
});

test('kill -9: the recorded statement stands, and no other is signed for its round', async (t) => {
  const folder = temporaryFolder(t);
  for (const count of [5, 30]) {
    const last = await runUntilKilled('spend-until-killed.ts', [folder], count);
    const store = openSqlitePeerStore(folder);
    const marks = await SpentMarks.open(store);
    const { round } = marks.highWater();
    t.true(round === last || round === last + 1);
    for (let spent = 1; spent <= last; spent++) {
      t.deepEqual(marks.standing(spentMark(spent, 1)), spentMark(spent, 1));
    }
    const standing = spentMark(last, 1);
    if (round === last) {
      const again = await marks.record(standing);
      t.deepEqual(again, { ok: true, standing });
    }
    const refused = await marks.record(spentMark(round, 2));
    t.deepEqual(refused, { ok: false, standing: spentMark(round, 1) });
    await store.stop();
  }
});

test('an update is spent once: no later round or attempt takes it, an older round nothing', async (t) => {
  const store = new MemoryPeerStore();
  const marks = await SpentMarks.open(store);
  const spent = spentMark(7, 2);
  t.is(marks.standing(spent), undefined);
  t.true((await marks.record(spent)).ok);
  t.deepEqual(marks.standing({ ...spent, round: 8 }), spent);
  t.deepEqual(marks.standing(spentMark(7, 3)), spent);
  const { update, survivors } = spent;
  const others = [
    spentMark(7, 3),
    spentMark(7, 2, { survivors: spentMark(8, 1).survivors }),
    spentMark(7, 2, { update: spentMark(8, 1).update }),
    spentMark(7, 3, { update, survivors }),
    spentMark(8, 1, { update }),
    spentMark(6, 1),
  ];
  for (const reopened of [marks, await SpentMarks.open(store)]) {
    for (const other of others) {
      t.deepEqual(await reopened.record(other), { ok: false, standing: spent });
    }
    t.deepEqual(await reopened.record(spent), { ok: true, standing: spent });
    t.deepEqual(reopened.highWater(), { round: 7, attempt: 2 });
  }
});

test('of two statements that are recorded at once, one stands', async (t) => {
  const marks = await SpentMarks.open(new MemoryPeerStore());
  const all = await Promise.all([1, 2, 3].map((attempt) => marks.record(spentMark(1, attempt))));
  t.deepEqual(
    all.map(({ ok }) => ok),
    [true, false, false],
  );
  t.true(all.every(({ standing }) => standing.attempt === 1));
});

test('only a newer try raises the high-water mark, also after a restart', async (t) => {
  const store = new MemoryPeerStore();
  let marks = await SpentMarks.open(store);
  t.deepEqual(marks.highWater(), { round: 0, attempt: 0 });
  t.true(await marks.raise({ round: 3, attempt: 1 }));
  t.true(await marks.raise({ round: 3, attempt: 2 }));
  marks = await SpentMarks.open(store);
  for (const stale of [
    { round: 3, attempt: 2 },
    { round: 3, attempt: 1 },
    { round: 2, attempt: 9 },
  ]) {
    t.false(await marks.raise(stale));
  }
  t.deepEqual(marks.highWater(), { round: 3, attempt: 2 });
  await marks.record(spentMark(4, 1));
  t.false(await marks.raise({ round: 4, attempt: 1 }));
});

test('marks of old rounds are dropped, and their rounds stay refused', async (t) => {
  const store = new MemoryPeerStore();
  const marks = await SpentMarks.open(store);
  const rounds = SPENT_ROUNDS_MAX + 10;
  for (let round = 1; round <= rounds; round++) await marks.record(spentMark(round, 1));
  t.is(await store.count('mark'), SPENT_ROUNDS_MAX);
  const reopened = await SpentMarks.open(store);
  t.deepEqual(reopened.highWater(), { round: rounds, attempt: 1 });
  for (const round of [1, 10, 11]) {
    const other = spentMark(round, 2, { update: spentMark(rounds + 5, 1).update });
    t.false((await reopened.record(other)).ok);
  }
});
