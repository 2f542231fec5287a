import { digestOf } from '@starling/crypto';
import { encodeCanonical, equalBytes, type StoredEvent } from '@starling/shared';
import test from 'ava';
import fc from 'fast-check';
import { WHOLE_ROUNDS_MAX } from '../closed-round.ts';
import { maskedHistory, plainHistory, storedHistory } from '../events/sample-histories-fixture.ts';
import { decodeEvent, encodeEvent } from '../events.ts';
import { type FederationState, foldEvent, ROUND_HISTORY_MAX } from '../federation-state.ts';
import { History, MEMBERS, START_MS } from '../history-fixture.ts';
import { encodeSnapshot, hasFieldsOf, openSnapshot, STATE_ENCODING } from './snapshot.ts';
import { readState, writeState } from './state-text.ts';

function fold(events: readonly StoredEvent[], known?: FederationState): FederationState {
  let state = known;
  for (const event of events) state = foldEvent(state, decodeEvent(event));
  if (state === undefined) throw new Error('nothing was folded');
  return state;
}

function snapshotOf(events: readonly StoredEvent[], state = fold(events)): Uint8Array {
  const newest = events.at(-1);
  if (newest === undefined) throw new Error('there is no event');
  return encodeSnapshot(state, newest);
}

function opened(bytes: Uint8Array): FederationState {
  const snapshot = openSnapshot(bytes);
  if (!snapshot.ok) throw new Error(snapshot.refusal.detail);
  return snapshot.value.state;
}

for (const [name, make] of [
  ['plain', plainHistory],
  ['masked', maskedHistory],
] as const) {
  test(`a ${name} log gives one state, whole or from a snapshot after any of its events`, (t) => {
    const events = storedHistory(make());
    const whole = snapshotOf(events);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: events.length }), (at) => {
        const state = opened(snapshotOf(events.slice(0, at)));
        t.is(state.head, at);
        t.true(equalBytes(snapshotOf(events, fold(events.slice(at), state)), whole));
      }),
      { numRuns: 25 },
    );
  });
}

test('what is written of a state is read again, marks and all', (t) => {
  const shared: Uint8Array = Uint8Array.of(1, 2);
  const state = {
    list: [shared, 1.5, null, undefined, 'x'],
    map: new Map([['a', new Set([1n, 2n ** 80n])]]),
    nested: { shared, missing: undefined },
  };
  const again = readState(writeState(state)) as typeof state;
  t.deepEqual(again, state);
  t.true(again.nested.shared === again.list[0]);
});

test('a state that holds a function, a class or no number is named, and where', (t) => {
  for (const bad of [() => 1, new Date(0), Number.NaN]) {
    const message = /^state\.rounds\[1\]\.bad is /;
    t.throws(() => writeState({ rounds: [1, { bad }] }), { instanceOf: TypeError, message });
  }
});

test('a snapshot of which any byte is another holds nothing', (t) => {
  const bytes = snapshotOf(storedHistory(plainHistory().slice(0, 3)));
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] ?? 0) ^ change;
      return !openSnapshot(damaged).ok;
    }),
    { numRuns: 300 },
  );
  for (const length of [0, 1, bytes.length - 1]) t.false(openSnapshot(bytes.slice(0, length)).ok);
});

test('a snapshot in another encoding is refused by its number', (t) => {
  const encoding = STATE_ENCODING + 1;
  const nothing = { blobs: [], event: digestOf(Uint8Array.of(1)), seq: 1, text: new Uint8Array() };
  const content = encodeCanonical({ ...nothing, encoding });
  const snapshot = openSnapshot(encodeCanonical({ content, digest: digestOf(content) }));
  t.regex(snapshot.ok ? '' : snapshot.refusal.detail, new RegExp(`encoding ${encoding}, this`));
});

test('a state with a field more, a field less or another record has other fields', (t) => {
  const ours = { a: 1, b: { c: new Map(), d: undefined } };
  t.true(hasFieldsOf({ a: 2, b: { c: [], d: { e: 1 } } }, ours));
  for (const other of [{ a: 1 }, { ...ours, x: 1 }, { a: 1, b: { c: 1 } }, { a: 1, c: {} }]) {
    t.false(hasFieldsOf(other, ours));
  }
});

test('a state does not grow with rounds: what is older than the history is in the log only', (t) => {
  const history = new History().register().open().fail();
  const sizeAt = (rounds: number): number => {
    while ((history.state.round?.plan.round ?? 0) < rounds) history.open().fail();
    const event = history.events.at(-1);
    if (event === undefined) throw new Error('there is no event');
    const newest = { ...encodeEvent(event, START_MS), seq: history.state.head };
    return encodeSnapshot(history.state, newest).length;
  };
  const before = sizeAt(ROUND_HISTORY_MAX + 2);
  const after = sizeAt(2 * ROUND_HISTORY_MAX);
  t.true(Math.abs(after - before) < 1024, `${before} bytes became ${after}`);
});

test('a round that closed a while ago keeps who took part, not their frames', (t) => {
  const [a, b, c] = MEMBERS;
  if (a === undefined || b === undefined || c === undefined) return t.fail();
  const history = new History().register().open().update(a).update(b).sum();
  history.vote(a).vote(b).vote(c).finalise();
  for (let i = 0; i <= WHOLE_ROUNDS_MAX + 1; i++) history.open().fail();
  const [oldest] = history.state.roundHistory;
  t.deepEqual([...(oldest?.updates.keys() ?? [])], [a.member, b.member]);
  t.deepEqual([...(oldest?.votes.keys() ?? [])], [a.member, b.member, c.member]);
  t.is(oldest?.updates.get(a.member)?.body.examples, 5);
  t.is(oldest?.updates.get(a.member)?.frame.length, 0);
});
