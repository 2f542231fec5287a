import { serialize } from 'node:v8';
import type { Identity } from '@starling/crypto';
import test from 'ava';
import { decodeEvent, encodeEvent } from './events.ts';
import { type FederationState, foldEvent } from './federation-state.ts';
import { MEMBERS, payloadOf, START_MS } from './history-fixture.ts';
import { MaskedHistory, SEVEN } from './masked-history-fixture.ts';
import { contributorsOf } from './round-state.ts';
import { RulesError } from './rules-error.ts';
import { readStatement } from './session-record.ts';

const [a, b, c, d] = MEMBERS as [Identity, Identity, Identity, Identity];
const all = MEMBERS.map(({ member }) => member);
const impossible = { instanceOf: RulesError, code: 'impossible-event' } as const;

function opened(): MaskedHistory {
  return new MaskedHistory().open().openSession(all);
}

test('folding a masked round twice gives the same sessions', (t) => {
  const history = opened()
    .upTo('masked')
    .say('masked', [a, b])
    .close([[c, 'offline']]);
  history.openSession(all, 2).upTo('unmask').say('unmask', [a, b, d]);
  const { events, state } = history.log;
  let again: FederationState | undefined;
  for (const [i, event] of events.entries()) {
    again = foldEvent(again, decodeEvent({ ...encodeEvent(event, START_MS), seq: i + 1 }));
  }
  const print = (of: FederationState | undefined) => serialize(of?.round).toString('base64');
  t.is(print(again), print(state));
});

test('a session remembers its frames, its leaves and when its phase began', (t) => {
  const history = opened().say('keys', MEMBERS);
  t.is(history.session().phaseSinceMs, START_MS);
  history.log.nowMs += 5_000;
  history.close().say('shares', [a, b]);
  const { leaves, phaseFrames, phaseSinceMs, state } = history.session();
  t.is(phaseSinceMs, START_MS + 5_000);
  t.is(phaseFrames.length, 1);
  t.deepEqual([...leaves.keys()], [a.member, b.member]);
  t.deepEqual(leaves.get(a.member), payloadOf(`leaves of ${a.member}`));
  t.deepEqual(state.announced.get('sharing')?.members, all);
});

test('the round is in the phase of its slowest group that has not failed', (t) => {
  const names = SEVEN.map(({ member }) => member);
  const history = new MaskedHistory({ groupSize: 3 }).open(SEVEN);
  const [slow, fast] = [SEVEN.slice(0, 4), SEVEN.slice(4)];
  history.openSession(names.slice(0, 4), 1, { count: 2, index: 0 });
  history.openSession(names.slice(4), 1, { count: 2, index: 1 });
  t.is(history.log.round.phase, 'training');
  history.upTo('survivors', fast, 1);
  t.is(history.log.round.phase, 'training');
  history.upTo('masked', slow, 0);
  t.is(history.log.round.phase, 'masking');
  history.say('masked', slow.slice(0, 2), 0).close([], 0);
  t.is(history.log.round.phase, 'signing', 'the slow group has failed');
  t.deepEqual(
    contributorsOf(history.log.round),
    fast.map(({ member }) => member),
  );
  history.openSession(names.slice(0, 4), 2, { count: 2, index: 0 });
  t.is(history.log.round.phase, 'training', 'and tries again');
});

test('who was left behind, and why, is part of the record', (t) => {
  const history = opened()
    .say('keys', [a, b, c])
    .close([[d, 'declined']]);
  t.deepEqual(
    [...history.session().missing],
    [[d.member, { member: d.member, reason: 'declined' }]],
  );
  history.say('shares', [a, b]).close([[c, 'offline']]);
  t.is(history.session().state.failed?.reason, 'too-few');
  t.deepEqual(
    [...history.session().missing],
    [
      [d.member, { member: d.member, reason: 'declined' }],
      [c.member, { member: c.member, reason: 'offline' }],
    ],
  );
});

const WRONG: Readonly<Record<string, (history: MaskedHistory) => unknown>> = {
  'a statement that is said twice': (h) => h.say('keys', [a]).say('keys', [a]),
  'two different statements of one member': (h) => h.say('keys', [a]).say('keys', [a], 0, 'other'),
  'a statement of an earlier phase': (h) => {
    const before = h.log.events.length;
    h.say('keys', [d]);
    const late = h.log.events[before];
    if (late?.type !== 'session-said') throw new Error('nothing was said');
    const other = opened()
      .say('keys', [a, b, c])
      .close([[d, 'timeout']]);
    const session = other.session().state.session.id;
    other.log.push({ ...late, payload: { ...late.payload, session } });
  },
  'shares of a member that advertised no keys': (h) =>
    h
      .say('keys', [a, b, c])
      .close([[d, 'timeout']])
      .say('shares', [d]),
  'a vector of a member that dealt no shares': (h) =>
    h
      .upTo('shares')
      .say('shares', [a, b, c])
      .close([[d, 'timeout']])
      .say('masked', [d]),
  'a statement of a stranger': (h) =>
    h.say(
      'keys',
      SEVEN.filter((each) => !MEMBERS.includes(each)),
    ),
  'a statement after the failure': (h) => h.say('keys', [a, b]).close().say('keys', [c]),
  'a statement of a member that said two things': (h) =>
    h.say('keys', MEMBERS).equivocate(a, 'keys').close().say('shares', [a]),
  'a session that is opened twice': (h) => {
    const event = h.log.events.find(({ type }) => type === 'session-opened');
    if (event !== undefined) h.log.push(event);
  },
  'a session of a round that is voted on': (h) =>
    h.upTo('unmask').log.sum() && h.openSession(all, 2),
  'a statement in a round that is voted on': (h) => {
    h.upTo('unmask').say('unmask', [a, b, c]).log.sum();
    h.say('unmask', [d]);
  },
};

for (const [what, doIt] of Object.entries(WRONG)) {
  test(`${what} is refused as impossible`, (t) => {
    t.throws(() => doIt(opened()), impossible);
  });
}

test('a session of another plan and a statement of an unknown session are impossible', (t) => {
  const other = new MaskedHistory().open([a, b, c]).openSession(all.slice(0, 3)).say('keys', [a]);
  const find = (type: string) => other.log.events.find((event) => event.type === type);
  const [session, said] = [find('session-opened'), find('session-said')];
  if (session === undefined || said === undefined) return t.fail();
  t.throws(() => opened().log.push(session), impossible);
  t.throws(() => opened().log.push(said), impossible);
  t.throws(() => new MaskedHistory().log.push(session), impossible, 'nor without a round');
});

test('a frame of another type is no statement', (t) => {
  const history = opened();
  const { announceFrame } = history.session();
  t.throws(() => readStatement(announceFrame), { instanceOf: RulesError, code: 'corrupt-log' });
});
