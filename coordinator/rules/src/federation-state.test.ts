import { serialize } from 'node:v8';
import type { Identity } from '@starling/crypto';
import test from 'ava';
import { decodeEvent, encodeEvent, type FederationEvent } from './events.ts';
import { type FederationState, foldEvent, roundsDone } from './federation-state.ts';
import { History, MEMBERS, payloadOf, START_MS } from './history-fixture.ts';
import { memberAccount } from './ledger/accounts.ts';
import { RulesError } from './rules-error.ts';

const [a, b, c, d] = MEMBERS as [Identity, Identity, Identity, Identity];
const impossible = { instanceOf: RulesError, code: 'impossible-event' } as const;

function finishedRound(history = new History()): History {
  return history.register().open().update(a).update(b).update(c).refuse(d).sum().vote(a).vote(b);
}

function newest({ events }: History): FederationEvent {
  const event = events.at(-1);
  if (event === undefined) throw new Error('the history is empty');
  return event;
}

function fingerprint({ ledger, ...state }: FederationState): string {
  return serialize({ ...state, ledger: ledger.entries }).toString('base64');
}

test('a round that is final makes a version, pays its contributors and its voters', (t) => {
  const { state } = finishedRound().vote(c).finalise().vote(d);
  t.is(state.versions.at(-1)?.version, 1);
  t.deepEqual(
    state.versions.at(-1)?.contributors,
    [a, b, c].map(({ member }) => member),
  );
  t.is(state.ledger.balance(memberAccount(a.member)), 11n);
  t.is(state.ledger.balance(memberAccount(d.member)), 1n);
  t.is(roundsDone(state), 1);
  t.notThrows(() => state.ledger.assertBalanced());
});

test('folding a log twice gives the same state', (t) => {
  const { events, state } = finishedRound().vote(c).finalise().open().fail().open();
  let again: FederationState | undefined;
  for (const [i, event] of events.entries()) {
    again = foldEvent(again, decodeEvent({ ...encodeEvent(event, START_MS), seq: i + 1 }));
  }
  if (again === undefined) return t.fail();
  t.is(fingerprint(again), fingerprint(state));
});

test('leadership passes to a higher token only, and a round goes on under it', (t) => {
  const { events } = new History().register().open().update(a);
  const take = (token: number): FederationEvent => ({
    type: 'leadership-taken',
    payload: { token },
  });
  const fold = (...tokens: readonly number[]): FederationState => {
    let state: FederationState | undefined;
    for (const [i, event] of [...events, ...tokens.map(take)].entries()) {
      state = foldEvent(state, decodeEvent({ ...encodeEvent(event, START_MS), seq: i + 1 }));
    }
    if (state === undefined) throw new Error('the history is empty');
    return state;
  };
  t.is(fold().leadership, 0);
  t.is(fold(3, 5).leadership, 5);
  t.is(fold(3, 5).round?.updates.size, 1);
  for (const late of [5, 4]) {
    t.throws(() => fold(3, 5, late), { ...impossible, message: /a former coordinator wrote it/ });
  }
});

test('a log starts with its federation, once, and has no gaps', (t) => {
  const [first] = new History().events;
  if (first === undefined) return t.fail();
  const run = { type: 'run-planned', payload: { peersMin: 1, rounds: 1, stopping: null } } as const;
  const stored = decodeEvent({ ...encodeEvent(run, START_MS), seq: 1 });
  t.throws(() => foldEvent(undefined, stored), { code: 'corrupt-log' });
  t.throws(() => new History().push(first), impossible);
  const { state } = new History();
  t.throws(() => foldEvent(state, { ...stored, seq: 7 }), { code: 'corrupt-log' });
});

test('a roster follows the one before it', (t) => {
  const history = new History();
  for (const seq of [1, 2, 3]) {
    const frame = history.rosterFrame({ seq });
    t.throws(
      () => new History().push({ type: 'roster-changed', payload: { proofs: [], roster: frame } }),
      impossible,
    );
  }
});

const impossibleRounds: readonly (readonly [string, () => unknown])[] = [
  ['an update without a round', () => new History().push(newest(new History().open().update(a)))],
  ['a second round while one is open', () => new History().open().open()],
  ['a round number that does not follow', () => new History().open({ round: 3 })],
  ['a round on another version', () => new History().open({ baseVersion: 4 })],
  ['a round of an unknown roster', () => new History().open({ roster: payloadOf('x').root })],
  ['a second update of one member', () => new History().open().update(a).update(a)],
  ['an update after its refusal', () => new History().open().refuse(a).update(a)],
  ['a refusal after the update', () => new History().open().update(a).refuse(a)],
  [
    'an update for another plan',
    () => new History().open().update(a, { plan: payloadOf('x').root }),
  ],
  ['an update outside the cohort', () => new History().open({ cohort: [b.member] }).update(a)],
  ['a refusal in another round', () => new History().open().refuse(a, 2)],
  ['an update after the sum', () => new History().open().update(a).sum().update(b)],
  ['a sum for another plan', () => new History().open().sum({ plan: payloadOf('x').root })],
  ['a second sum', () => new History().open().sum().sum()],
  ['a second vote of one member', () => new History().open().sum().vote(a).vote(a)],
  ['a vote paid to another member', () => new History().open().sum().vote(a, b)],
  [
    'a final round without a sum',
    () => new History().open().push(newest(finishedRound().vote(c).finalise())),
  ],
  ['a final version of another number', () => finishedRound().vote(c).finalise({ version: 2 })],
  ['a final version of another round', () => finishedRound().vote(c).finalise({ round: 2 })],
  ['a failure after the sum', () => new History().open().sum().fail()],
  ['a failure of another round', () => new History().open().fail(2)],
];

for (const [title, history] of impossibleRounds) {
  test(`${title} is refused as impossible`, (t) => {
    t.throws(history, impossible);
  });
}

test('a vote that repeats another sum is refused as impossible', (t) => {
  const other = new History()
    .open()
    .sum({ model: payloadOf('other') })
    .vote(a);
  t.throws(() => new History().open().sum().push(newest(other)), impossible);
});

test('a closed round is not resumed', (t) => {
  const resumed = { type: 'round-resumed', payload: { round: 1 } } as const;
  t.throws(() => new History().open().fail().push(resumed), impossible);
  const history = new History().open();
  history.nowMs += 500;
  t.is(history.push(resumed).round.phaseSinceMs, START_MS + 500);
});
