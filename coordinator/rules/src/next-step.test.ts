import type { Identity } from '@starling/crypto';
import type { MemberId, MissingReason } from '@starling/shared';
import test from 'ava';
import fc from 'fast-check';
import { History, MEMBERS, START_MS } from './history-fixture.ts';
import { nextStep } from './next-step.ts';
import type { Presence } from './presence.ts';
import { DEFAULT_SCHEDULE } from './schedule/schedule.ts';

const [a, b, c, d] = MEMBERS as [Identity, Identity, Identity, Identity];

function at(elapsedMs: number, away: readonly (readonly [Identity, number])[] = []): Presence {
  const awaySinceMs = new Map(
    away.map(([site, sinceMs]) => [site.member, START_MS + sinceMs] as const),
  );
  return {
    nowMs: START_MS + elapsedMs,
    awaySinceMs,
    watchedSinceMs: START_MS - 1_000_000,
    declined: new Map(),
  };
}

function planned(rounds = 3, peersMin = 1): History {
  return new History().push({ type: 'run-planned', payload: { peersMin, rounds, stopping: null } });
}

function step(history: History, presence = at(0)) {
  return nextStep(history.state, presence, DEFAULT_SCHEDULE);
}

function missingOf(history: History, presence: Presence): [MemberId, MissingReason][] | string {
  const next = step(history, presence);
  if (next.kind !== 'aggregate' && next.kind !== 'fail-round') return next.kind;
  return next.missing.map(({ member, reason }) => [member, reason]);
}

test('nothing planned is finished, and so are all planned rounds', (t) => {
  t.is(step(new History().register()).kind, 'finished');
  t.is(step(planned(1).register().open().fail()).kind, 'finished');
  t.is(step(planned(2).register().open().fail()).kind, 'open-round');
});

test('a round opens only with a quorum of ready sites, those that are connected', (t) => {
  t.is(step(planned()).kind, 'wait');
  t.is(step(planned().register(MEMBERS, false)).kind, 'wait');
  t.is(step(planned().register([a, b])).kind, 'wait');
  t.is(
    step(
      planned().register(),
      at(0, [
        [a, 0],
        [b, 0],
      ]),
    ).kind,
    'wait',
  );
  const next = step(planned().register(), at(0, [[b, 0]]));
  if (next.kind !== 'open-round') return t.fail();
  t.deepEqual(
    next.plan.cohort,
    [a, c, d].map(({ member }) => member),
  );
  t.deepEqual(
    next.plan.voters,
    MEMBERS.map(({ member }) => member),
  );
});

test('the first round waits for everyone the operator asked for, later ones do not', (t) => {
  t.is(step(planned(3, 4).register([a, b, c])).kind, 'wait');
  t.is(step(planned(3, 4).register()).kind, 'open-round');
  t.is(step(planned(3, 4).register([a, b, c]).open().fail()).kind, 'open-round');
});

test('a round takes its updates once nobody is awaited', (t) => {
  const history = planned().open().update(a).update(b).update(c);
  t.is(step(history).kind, 'wait');
  t.deepEqual(missingOf(history.update(d), at(1)), []);
});

test('a round closes early when the missing were away for longer than the grace', (t) => {
  const history = planned().open().update(a).update(b).refuse(c);
  t.is(missingOf(history, at(2_999, [[d, 0]])), 'wait');
  const missing: [MemberId, MissingReason][] = [
    [c.member, 'refused'],
    [d.member, 'offline'],
  ];
  t.deepEqual(missingOf(history, at(3_000, [[d, 0]])), missing);
});

test('being away before the round began does not use up the grace', (t) => {
  const history = planned().open().update(a).update(b).update(c);
  t.is(missingOf(history, at(2_999, [[d, -60_000]])), 'wait');
  t.deepEqual(missingOf(history, at(3_000, [[d, -60_000]])), [[d.member, 'offline']]);
});

test('a connected site is awaited until its time is up', (t) => {
  const history = planned().open().update(a).update(b).update(c);
  t.is(missingOf(history, at(59_999)), 'wait');
  t.deepEqual(missingOf(history, at(60_000)), [[d.member, 'timeout']]);
});

test('a round with too few updates waits for its time, then fails and names the missing', (t) => {
  const away = [b, c, d].map((site) => [site, 0] as const);
  const history = planned().open().update(a);
  t.is(missingOf(history, at(59_999, away)), 'wait');
  t.is(step(history, at(60_000, away)).kind, 'fail-round');
  t.deepEqual(
    missingOf(history, at(60_000, away)),
    [b, c, d].map(({ member }) => [member, 'offline']),
  );
});

test('a resumed round has its whole time again', (t) => {
  const history = planned().open().update(a).update(b).update(c);
  history.nowMs += 59_000;
  history.push({ type: 'round-resumed', payload: { round: 1 } });
  t.is(missingOf(history, at(118_999)), 'wait');
  t.deepEqual(missingOf(history, at(119_000)), [[d.member, 'timeout']]);
});

test('after a restart of the coordinator, members get time to connect again', (t) => {
  const restarted = (elapsedMs: number, away: readonly Identity[]): Presence => ({
    ...at(
      elapsedMs,
      away.map((site) => [site, 0]),
    ),
    watchedSinceMs: START_MS,
  });
  const open = planned().open().update(a).update(b).update(c);
  t.is(missingOf(open, restarted(19_999, [d])), 'wait');
  t.deepEqual(missingOf(open, restarted(20_000, [d])), [[d.member, 'offline']]);
  const left = { ...restarted(10_000, []), awaySinceMs: new Map([[d.member, START_MS + 5_000]]) };
  t.deepEqual(missingOf(open, left), [[d.member, 'offline']], 'it came back and left again');
  const between = planned().register();
  t.deepEqual(step(between, restarted(19_999, [d])), {
    kind: 'wait',
    why: '1 sites may still come back',
  });
  t.is(step(between, restarted(20_000, [d])).kind, 'open-round');
  t.is(step(planned().register([a, b, c]), restarted(0, [d])).kind, 'open-round');
});

test('voting never times out: it ends with a quorum and with nothing else', (t) => {
  const history = planned().open().update(a).update(b).update(c).update(d).sum().vote(a).vote(b);
  const everyoneAway = MEMBERS.map((site) => [site, 0] as const);
  for (const elapsedMs of [0, 60_000, 1e12]) {
    t.is(step(history, at(elapsedMs)).kind, 'wait');
    t.is(step(history, at(elapsedMs, everyoneAway)).kind, 'wait');
  }
  t.is(step(history.vote(c), at(1e12, everyoneAway)).kind, 'finalise');
});

test('a cohort member is summed, awaited or missing, and never two of these', (t) => {
  const fates = fc.constantFrom('update', 'refuse', 'away', 'silent');
  const four = fc.tuple(fates, fates, fates, fates);
  fc.assert(
    fc.property(four, fc.integer({ min: 0, max: 120_000 }), (chosen, elapsedMs) => {
      const history = planned().open();
      const away: [Identity, number][] = [];
      for (const [i, site] of MEMBERS.entries()) {
        if (chosen[i] === 'update') history.update(site);
        if (chosen[i] === 'refuse') history.refuse(site);
        if (chosen[i] === 'away') away.push([site, 0]);
      }
      const missing = missingOf(history, at(elapsedMs, away));
      if (typeof missing === 'string') return t.is(missing, 'wait');
      const named = [...history.round.updates.keys(), ...missing.map(([member]) => member)];
      t.deepEqual(named.sort(), [...history.round.plan.cohort]);
    }),
    { numRuns: 60 },
  );
});

test('no two rounds have the same seed', (t) => {
  const seeds = new Set<number>();
  const history = planned(50).register();
  for (let round = 1; round <= 50; round++) {
    const next = step(history);
    if (next.kind !== 'open-round') return t.fail();
    t.is(next.plan.round, round);
    seeds.add(next.plan.seed);
    history.open({ seed: next.plan.seed }).fail();
  }
  t.is(seeds.size, 50);
});
