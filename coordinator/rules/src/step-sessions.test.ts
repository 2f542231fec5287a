import { type Identity, isOpenable } from '@starling/crypto';
import { type MemberId, SESSION_ATTEMPTS_MAX } from '@starling/shared';
import test from 'ava';
import { MEMBERS, START_MS } from './history-fixture.ts';
import {
  MaskedHistory,
  PHASE_WITHIN_MS,
  type Saying,
  SEVEN,
  TRAIN_WITHIN_MS,
} from './masked-history-fixture.ts';
import { nextStep } from './next-step.ts';
import type { Presence } from './presence.ts';
import { currentSessions } from './round-state.ts';
import { DEFAULT_SCHEDULE } from './schedule/schedule.ts';

const [a, b, c, d] = MEMBERS as [Identity, Identity, Identity, Identity];
const SAYINGS: readonly Saying[] = ['keys', 'shares', 'masked', 'survivors', 'unmask'];

interface World {
  readonly afterMs?: number;
  readonly away?: readonly Identity[];
  readonly declined?: readonly Identity[];
}

/** Who declined did so in the newest session of the first group; whoever is away is since the start. */
function presence(
  history: MaskedHistory,
  { afterMs = 0, away = [], declined = [] }: World,
): Presence {
  const [first] = currentSessions(history.log.round);
  const members = new Set(declined.map(({ member }) => member));
  return {
    nowMs: START_MS + afterMs,
    awaySinceMs: new Map(away.map(({ member }) => [member, START_MS])),
    watchedSinceMs: START_MS - 1_000_000,
    declined: new Map(first === undefined ? [] : [[first.state.session.id, members]]),
  };
}

function step(history: MaskedHistory, world: World = {}) {
  return nextStep(history.log.state, presence(history, world), DEFAULT_SCHEDULE);
}

/** The kind of the next step, and whom it names as missing. */
function closing(history: MaskedHistory, world: World) {
  const next = step(history, world);
  if (!('missing' in next)) return [next.kind];
  return [next.kind, ...next.missing.map(({ member, reason }) => `${nameOf(member)} ${reason}`)];
}

function nameOf(member: MemberId): string {
  return 'abcd'.charAt(MEMBERS.findIndex((each) => each.member === member));
}

function opened(): MaskedHistory {
  const history = new MaskedHistory().open();
  history.carryOut(step(history));
  return history;
}

/** A round in which everything up to this was said, and this by everyone but these. */
function waitingFor(saying: Saying, ...silent: readonly Identity[]): MaskedHistory {
  return opened()
    .upTo(saying)
    .say(
      saying,
      MEMBERS.filter((site) => !silent.includes(site)),
    );
}

test('a masked round opens one session for each group, of the members that were dealt to it', (t) => {
  const history = new MaskedHistory({ groupSize: 3 }).open(SEVEN);
  t.true(history.carryOut(step(history)));
  t.true(history.carryOut(step(history)));
  const groups = currentSessions(history.log.round).map(({ state }) => state.session.announce);
  t.deepEqual(
    groups.map(({ group }) => group),
    [
      { count: 2, index: 0 },
      { count: 2, index: 1 },
    ],
  );
  const dealt = groups.flatMap(({ participants }) => participants);
  t.deepEqual(
    dealt.toSorted(),
    SEVEN.map(({ member }) => member),
  );
  t.is(step(history).kind, 'wait');
});

for (const saying of SAYINGS.slice(0, -1)) {
  test(`${saying}: the phase closes once everybody has answered, and not before`, (t) => {
    const history = waitingFor(saying, d);
    t.deepEqual(closing(history, {}), ['wait']);
    t.deepEqual(closing(history.say(saying, [d]), {}), ['close-phase']);
  });

  test(`${saying}: whoever is away, silent for too long or has declined is not waited for`, (t) => {
    const history = waitingFor(saying, d);
    const withinMs = saying === 'keys' ? TRAIN_WITHIN_MS : PHASE_WITHIN_MS;
    t.deepEqual(closing(history, { afterMs: 2_999, away: [d] }), ['wait']);
    t.deepEqual(closing(history, { afterMs: 3_000, away: [d] }), ['close-phase', 'd offline']);
    t.deepEqual(closing(history, { afterMs: withinMs - 1 }), ['wait']);
    t.deepEqual(closing(history, { afterMs: withinMs }), ['close-phase', 'd timeout']);
    t.deepEqual(closing(history, { declined: [d] }), ['close-phase', 'd declined']);
  });

  test(`${saying}: with too few, whoever is away may come back until the time is up`, (t) => {
    const history = waitingFor(saying, c, d);
    const withinMs = saying === 'keys' ? TRAIN_WITHIN_MS : PHASE_WITHIN_MS;
    const away = [c, d];
    t.deepEqual(closing(history, { afterMs: withinMs - 1, away }), ['wait']);
    t.deepEqual(closing(history, { afterMs: withinMs, away }), [
      'close-phase',
      'c offline',
      'd offline',
    ]);
    t.deepEqual(closing(history, { away: [c], declined: [d] }), ['wait']);
    t.deepEqual(closing(history, { declined: [c, d] }), [
      'close-phase',
      'c declined',
      'd declined',
    ]);
  });
}

test('a phase has its whole time again after the round was resumed', (t) => {
  const history = waitingFor('masked', d);
  history.log.nowMs = START_MS + PHASE_WITHIN_MS - 1;
  history.log.push({ type: 'round-resumed', payload: { round: 1 } });
  t.deepEqual(closing(history, { afterMs: 2 * PHASE_WITHIN_MS - 2 }), ['wait']);
  t.deepEqual(closing(history, { afterMs: 2 * PHASE_WITHIN_MS - 1 }), ['close-phase', 'd timeout']);
});

test('the sum is made as soon as enough shares are here', (t) => {
  const history = waitingFor('unmask', b, c, d);
  t.is(step(history).kind, 'wait');
  t.is(step(history.say('unmask', [b])).kind, 'wait');
  history.say('unmask', [c]);
  t.true(isOpenable(history.session().state));
  t.deepEqual(closing(history, {}), ['aggregate']);
});

test('the sum names whoever was left behind in the phase in which it was', (t) => {
  const gone = opened()
    .upTo('shares')
    .say('shares', [a, b, c])
    .close([[d, 'declined']]);
  for (const saying of SAYINGS.slice(2)) gone.say(saying, [a, b, c]).close();
  t.deepEqual(closing(gone, { away: [a], afterMs: PHASE_WITHIN_MS }), ['aggregate', 'd declined']);
  const unsigned = waitingFor('survivors', d)
    .close([[d, 'offline']])
    .say('unmask', [a, b, c]);
  t.deepEqual(closing(unsigned, {}), ['aggregate'], 'its update is in the sum');
});

test('complaints end a session when all were heard, and make no accuser late', (t) => {
  const cohort = SEVEN.map(({ member }) => member);
  const [p, q, r] = SEVEN as [Identity, Identity, Identity];
  const history = new MaskedHistory().open(SEVEN);
  history.carryOut(step(history));
  history.upTo('masked', SEVEN).complain(q, p);
  t.is(step(history).kind, 'wait', 'others may accuse it too');
  history.complain(r, p).say(
    'masked',
    SEVEN.filter((site) => site !== q && site !== r),
  );
  const next = step(history);
  if (next.kind !== 'close-phase') return t.fail(next.kind);
  t.deepEqual(next.missing, []);
  history.carryOut(next);
  const again = step(history);
  if (again.kind !== 'open-session') return t.fail(again.kind);
  t.is(again.attempt, 2);
  t.deepEqual(
    again.participants,
    cohort.filter((member) => member !== p.member),
  );
});

test('another attempt asks everyone who is there, also those that missed the last one', (t) => {
  const history = waitingFor('masked', c, d).close([
    [c, 'offline'],
    [d, 'offline'],
  ]);
  const all = MEMBERS.map(({ member }) => member);
  const again = step(history);
  if (again.kind !== 'open-session') return t.fail(again.kind);
  t.deepEqual([again.attempt, again.participants], [2, all]);
  history.carryOut(again);
  history.say('keys', [a, b]).close([
    [c, 'declined'],
    [d, 'offline'],
  ]);
  const third = step(history, { away: [d], afterMs: 3_000 });
  if (third.kind !== 'open-session') return t.fail(third.kind);
  t.deepEqual([third.attempt, third.participants], [3, all.filter((each) => each !== d.member)]);
});

test('who was connected and silent twice is not asked a third time', (t) => {
  const history = waitingFor('masked', c, d).close([
    [c, 'offline'],
    [d, 'timeout'],
  ]);
  history.carryOut(step(history));
  history
    .upTo('masked')
    .say('masked', [a, b])
    .close([
      [c, 'offline'],
      [d, 'declined'],
    ]);
  const next = step(history);
  if (next.kind !== 'open-session') return t.fail(next.kind);
  t.deepEqual(
    next.participants,
    [a, b, c].map(({ member }) => member),
  );
  history.carryOut(next);
  for (const saying of SAYINGS.slice(0, 4)) history.say(saying, [a, b, c]).close();
  t.deepEqual(closing(history.say('unmask', [a, b, c]), {}), ['aggregate', 'd declined']);
});

test('a round is tried five times and then fails', (t) => {
  const history = opened();
  for (let attempt = 1; attempt <= SESSION_ATTEMPTS_MAX; attempt++) {
    t.is(history.session().state.session.announce.attempt, attempt);
    history.say('keys', [a, b]).close([
      [c, 'offline'],
      [d, 'offline'],
    ]);
    if (attempt < SESSION_ATTEMPTS_MAX) t.true(history.carryOut(step(history)));
  }
  t.deepEqual(closing(history, {}), ['fail-round', 'c offline', 'd offline']);
});

test('once survivors were announced there is no other attempt, and only the silent are named', (t) => {
  const history = waitingFor('survivors', c, d).close([
    [c, 'offline'],
    [d, 'timeout'],
  ]);
  t.deepEqual(closing(history, {}), ['fail-round', 'c offline', 'd timeout']);
  const unopened = waitingFor('unmask', c, d).close([
    [c, 'timeout'],
    [d, 'timeout'],
  ]);
  t.deepEqual(closing(unopened, {}), ['fail-round', 'c timeout', 'd timeout']);
});

test('survivors are announced only when enough of them are there to sign', (t) => {
  const history = waitingFor('masked', d);
  const grace = { afterMs: 3_000 };
  t.deepEqual(closing(history, { ...grace, declined: [d] }), ['close-phase', 'd declined']);
  t.deepEqual(closing(history, { ...grace, declined: [d], away: [c] }), ['wait']);
  t.deepEqual(closing(history, { afterMs: PHASE_WITHIN_MS, declined: [d], away: [c] }), [
    'fail-session',
    'd declined',
    'c offline',
  ]);
  t.deepEqual(closing(history, { declined: [c, d] }), ['fail-session', 'd declined', 'c declined']);
  history.carryOut(step(history, { declined: [c, d] }));
  t.is(history.session().state.failed?.reason, 'too-few');
  t.is(step(history).kind, 'open-session');
  t.deepEqual(closing(waitingFor('masked'), { ...grace, away: [d] }), ['close-phase']);
});

test('a group that fails after it signed leaves the sum to the others', (t) => {
  const history = new MaskedHistory({ groupSize: 3 }).open(SEVEN);
  history.carryOut(step(history));
  history.carryOut(step(history));
  const [first = [], second = []] = currentSessions(history.log.round).map(({ state }) => {
    const { participants } = state.session.announce;
    return SEVEN.filter(({ member }) => participants.includes(member));
  });
  const [lost, ...innocent] = second as [Identity, ...Identity[]];
  history.upTo('unmask', first, 0).say('unmask', first, 0);
  history.upTo('survivors', second, 1).say('survivors', innocent, 1);
  t.is(step(history).kind, 'wait');
  history.close([[lost, 'timeout']], 1);
  const next = step(history);
  if (next.kind !== 'aggregate') return t.fail(next.kind);
  const named = next.missing.map(({ member, reason }) => `${member} ${reason}`);
  const expected = innocent.map(({ member }) => `${member} group-failed`);
  t.deepEqual(named.toSorted(), [...expected, `${lost.member} timeout`].toSorted());
});
