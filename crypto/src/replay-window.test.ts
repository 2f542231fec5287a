import type { MemberId } from '@starling/shared';
import test from 'ava';
import fc from 'fast-check';
import { REPLAY_SENDERS_MAX, REPLAY_WINDOW_SEQS, ReplayWindow } from './replay-window.ts';

const memberOf = (value: number) => value.toString(16).padStart(64, '0') as MemberId;
const [alice, bob] = [memberOf(1), memberOf(2)];

test('a number is fresh once', (t) => {
  const window = new ReplayWindow();
  t.is(window.check(alice, 5), 'fresh');
  t.is(window.check(alice, 5), 'duplicate');
  t.is(window.check(bob, 5), 'fresh');
});

test('a message that was overtaken is still fresh, however far apart the numbers lie', (t) => {
  const window = new ReplayWindow();
  t.is(window.check(alice, 1_760_000_000_000_000), 'fresh');
  t.is(window.check(alice, 1_760_000_060_000_000), 'fresh');
  t.is(window.check(alice, 1_760_000_030_000_000), 'fresh');
  t.is(window.check(alice, 1_760_000_030_000_000), 'duplicate');
});

test('a number below the whole window is a replay', (t) => {
  const window = new ReplayWindow();
  for (let seq = 0; seq <= REPLAY_WINDOW_SEQS; seq++) t.is(window.check(alice, seq), 'fresh');
  t.is(window.check(alice, 0), 'replay');
  t.is(window.check(alice, 1), 'duplicate');
});

test('no number is ever fresh twice, in any order', (t) => {
  const seqs = fc.array(fc.nat({ max: 5000 }), { minLength: 1000, maxLength: 4000 });
  fc.assert(
    fc.property(seqs, (list) => {
      const window = new ReplayWindow();
      const taken = new Set<number>();
      for (const seq of list) {
        const verdict = window.check(alice, seq);
        if (verdict === 'fresh') {
          if (taken.has(seq)) t.fail(`${seq} was fresh twice`);
          taken.add(seq);
        } else if (verdict === 'duplicate' && !taken.has(seq)) {
          t.fail(`${seq} was never seen`);
        }
      }
      t.true(taken.size > 0);
    }),
    { numRuns: 100 },
  );
});

test('in a short history every unseen number is fresh', (t) => {
  const seqs = fc.array(fc.maxSafeInteger().map(Math.abs), { maxLength: 200 });
  fc.assert(
    fc.property(seqs, (list) => {
      const window = new ReplayWindow();
      const taken = new Set<number>();
      for (const seq of list) {
        t.is(window.check(alice, seq), taken.has(seq) ? 'duplicate' : 'fresh');
        taken.add(seq);
      }
    }),
    { numRuns: 1000 },
  );
});

test('a bounded number of senders is remembered, the silent ones go first', (t) => {
  const window = new ReplayWindow();
  window.check(alice, 1);
  for (let i = 0; i < REPLAY_SENDERS_MAX - 1; i++) window.check(memberOf(100 + i), 1);
  t.is(window.check(alice, 1), 'duplicate');
  window.check(bob, 1);
  t.is(window.senders, REPLAY_SENDERS_MAX);
  t.is(window.check(alice, 1), 'duplicate');
});

test('what is no sequence number is a broken caller', (t) => {
  for (const seq of [-1, 0.5, 2 ** 53, Number.NaN]) {
    t.throws(() => new ReplayWindow().check(alice, seq), { instanceOf: RangeError });
  }
});
