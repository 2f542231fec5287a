// Rounds by the schedule, on a log written by hand: deadlines, coverage, over-selection, who is late.

import type { Identity } from '@starling/crypto';
import test from 'ava';
import { History, MEMBERS, START_MS } from '../history-fixture.ts';
import { nextStep } from '../next-step.ts';
import type { Presence } from '../presence.ts';
import { selectionObjection } from './cohort-selection.ts';
import { coverageOf } from './coverage.ts';
import { quantile } from './deadlines.ts';
import { parseSchedule, type ScheduleInput } from './schedule.ts';
import { discountLate, stalenessOf } from './staleness.ts';

const [a, b, c, d] = MEMBERS as [Identity, Identity, Identity, Identity];

function presenceAt(nowMs: number, away: readonly Identity[] = []): Presence {
  return {
    nowMs,
    awaySinceMs: new Map(away.map(({ member }) => [member, START_MS - 60_000])),
    watchedSinceMs: START_MS - 100_000,
    declined: new Map(),
  };
}

function planned(): History {
  return new History()
    .push({ type: 'run-planned', payload: { peersMin: 1, rounds: 100, stopping: null } })
    .register();
}

function step(history: History, input: ScheduleInput = {}, away: readonly Identity[] = []) {
  return nextStep(history.state, presenceAt(history.nowMs, away), parseSchedule(input));
}

/** Opens what the rules would open, with the selection before it. */
function openBy(history: History, input: ScheduleInput = {}, away: readonly Identity[] = []) {
  const next = step(history, input, away);
  if (next.kind !== 'open-round') throw new Error(`${next.kind}, not open-round`);
  history.push({ type: 'cohort-selected', payload: next.selection }).open(next.plan);
  return next;
}

/** All but one answer after so long; the one is too late. */
function roundWithout(history: History, slow: Identity, tookMs: number): void {
  openBy(history);
  history.nowMs += tookMs;
  for (const site of MEMBERS) if (site !== slow) history.update(site);
  history.nowMs = history.round.openedAtMs + history.round.plan.trainWithinMs;
  const next = step(history);
  if (next.kind !== 'aggregate') throw new Error(`${next.kind}, not aggregate`);
  history
    .sum({ missing: [...next.missing] })
    .vote(a)
    .vote(b)
    .vote(c)
    .finalise();
}

test('the time to train follows what members took, times the factor, and lies within its bounds', (t) => {
  const history = planned();
  t.is(openBy(history).plan.trainWithinMs, 120_000);
  history.nowMs += 50_000;
  for (const site of MEMBERS) history.update(site);
  history.sum().vote(a).vote(b).vote(c).finalise();
  const next = step(history);
  t.is(next.kind === 'open-round' && next.plan.trainWithinMs, 150_000, 'three times fifty seconds');
  const low = step(history, { training: { maxMs: 140_000 } });
  t.is(low.kind === 'open-round' && low.plan.trainWithinMs, 140_000);
  t.regex(low.kind === 'open-round' ? low.selection.text : '', /140\.0 s, at a bound: 3 × 50\.0 s/);
});

test('a site that is too slow gets more time each round, until it is in time', (t) => {
  const history = planned();
  const given: number[] = [];
  for (let round = 1; round <= 3; round++) {
    roundWithout(history, d, 20_000);
    given.push(history.round.plan.trainWithinMs);
  }
  t.deepEqual(given, [120_000, 360_000, 1_080_000]);
  t.true((given[2] ?? 0) > 9 * 20_000 * 3);
  t.deepEqual(history.round.missing, [{ member: d.member, phase: 'training', reason: 'timeout' }]);
});

test('before anything is measured, a large model gets the time that the slowest link takes', (t) => {
  const history = planned();
  const links = { payloadBytes: 50_000_000, bytesPerS: new Map() };
  const presence = { ...presenceAt(history.nowMs), links };
  const next = nextStep(history.state, presence, parseSchedule({}));
  // 50 MB there and back at 4 Mbit/s.
  t.is(next.kind === 'open-round' && next.plan.trainWithinMs, 120_000 + 200_000);
  const fast = new Map(MEMBERS.map(({ member }) => [member, 50_000_000]));
  const faster = { ...presence, links: { ...links, bytesPerS: fast } };
  const soon = nextStep(history.state, faster, parseSchedule({}));
  t.is(soon.kind === 'open-round' && soon.plan.trainWithinMs, 122_000);
});

test('a quantile is the nearest rank', (t) => {
  t.is(quantile([], 0.5), undefined);
  t.is(quantile([5, 1, 3], 0.5), 3);
  t.is(quantile([5, 1, 3], 0.9), 5);
  t.is(quantile([5, 1, 3], 0), 1);
});

/** The last member has four fifths of the data. */
function withLargeSite(): History {
  const history = planned();
  for (const [i, { member }] of MEMBERS.entries()) {
    const registration = history.state.registrations.get(member);
    if (registration === undefined) throw new Error('nobody registered');
    const examplesRounded = i === 3 ? 1_200 : 100;
    const payload = { member, registration: { ...registration, examplesRounded } };
    history.push({ type: 'site-registered', payload });
  }
  return history;
}

test('a round below its declared coverage fails, and says the numbers', (t) => {
  const history = withLargeSite();
  openBy(history, { coverageMin: 0.5 });
  history.update(a).update(b).update(c);
  history.nowMs += 120_000;
  const next = step(history, { coverageMin: 0.5 });
  if (next.kind !== 'fail-round') return t.fail(next.kind);
  t.is(
    next.why,
    'coverage is 20.0 % of the registered examples (300 of 1500), 50.0 % are declared',
  );
  t.deepEqual(next.missing, [{ member: d.member, phase: 'training', reason: 'timeout' }]);
  t.is(step(history.update(d), { coverageMin: 0.5 }).kind, 'aggregate');
  t.deepEqual(coverageOf(history.round, [d.member]), {
    members: 1,
    cohort: 4,
    examples: 1_200,
    registeredExamples: 1_500,
  });
});

test('no round opens without the declared share, but for the time to gather; then it says so', (t) => {
  const history = withLargeSite();
  const input = { coverageMin: 0.5, quorum: { gatherWithinMs: 60_000 } };
  const waiting = step(history, input, [d]);
  t.is(waiting.kind, 'wait');
  t.regex(waiting.kind === 'wait' ? waiting.why : '', /300 of 1500 registered examples are here/);
  history.nowMs += 60_000;
  const { selection } = openBy(history, input, [d]);
  t.regex(selection.text, /without 1 offline; opened all the same after 60 s/);
  t.deepEqual(selection.absent, [{ member: d.member, reason: 'offline' }]);
  history.update(a).update(b).update(c);
  history.nowMs += 120_000;
  t.is(step(history, input, [d]).kind, 'fail-round', 'who was not asked is not covered either');
});

test('more are asked than needed, and the round closes when enough answered', (t) => {
  const history = planned();
  const input = { cohort: { sizeMax: 2, overSelection: 1.5 } };
  const { plan, selection } = openBy(history, input);
  t.is(plan.cohort.length, 3);
  t.is(plan.updatesTarget, 2);
  t.regex(selection.text, /^3 of 4 sites .* weighted by size, rounds waited and reliability/);
  t.is(selectionObjection(history.state, selection), undefined);
  const asked = MEMBERS.filter(({ member }) => plan.cohort.includes(member));
  const [first, second, third] = asked as [Identity, Identity, Identity];
  t.is(step(history.update(first), input).kind, 'wait');
  const next = step(history.update(second), input);
  if (next.kind !== 'aggregate') return t.fail(next.kind);
  t.deepEqual(next.missing, [{ member: third.member, phase: 'training', reason: 'surplus' }]);
});

test('anyone finds a cohort that does not follow from the log', (t) => {
  const history = planned();
  const { selection } = openBy(history, { cohort: { sizeMax: 2 } });
  const other = MEMBERS.map(({ member }) => member).filter((m) => !selection.cohort.includes(m));
  t.is(selectionObjection(planned().state, selection), undefined);
  const forged = { ...selection, cohort: other };
  t.regex(selectionObjection(planned().state, forged) ?? '', /the log gives others/);
});

test('who was too late may answer the next plan with it, and weighs less by the versions since', (t) => {
  const history = planned();
  roundWithout(history, d, 1_000);
  const former = history.round;
  const next = step(history);
  if (next.kind !== 'open-round') return t.fail(next.kind);
  const { late } = next.plan;
  t.deepEqual(late, {
    members: [{ member: d.member, round: 1 }],
    rounds: [{ base: former.plan.base, plan: former.planDigest, round: 1, staleness: 1 }],
  });
  t.true(late !== undefined);
  const base = history.state.versions.at(-1)?.model.root ?? former.plan.base;
  const plan = { base, ...(late && { late }) };
  t.is(stalenessOf(plan, d.member, base), 0);
  t.is(stalenessOf(plan, d.member, former.plan.base), 1);
  t.is(stalenessOf(plan, a.member, former.plan.base), undefined, 'nobody else may');
  t.deepEqual([...discountLate(Float32Array.of(2, -4), 3)], [1, -2]);
  const none = step(history, { late: { stalenessMax: 0 } });
  t.is(none.kind === 'open-round' && none.plan.late, undefined);
});

test('an update that is two versions late does not count where one is allowed', (t) => {
  const history = planned();
  roundWithout(history, d, 1_000);
  openBy(history, {}, [d]);
  for (const site of [a, b, c]) history.update(site);
  history.sum().vote(a).vote(b).vote(c).finalise();
  const next = step(history);
  t.is(next.kind === 'open-round' && next.plan.late, undefined);
  const patient = step(history, { late: { stalenessMax: 2 } });
  t.is(patient.kind === 'open-round' && patient.plan.late?.rounds[0]?.staleness, 2);
});
