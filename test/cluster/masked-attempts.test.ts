// Masked rounds that lose more sites than they may: they wait, try again with those left, or fail and
// train anew, and the run goes on.

import test from 'ava';
import { MaskedRun, PHASE_WITHIN_MS } from './masked-run.ts';

test('three sites wait for each other, and go on in the same round when the third is back', async (t) => {
  const run = await MaskedRun.start(t, 3);
  const { cluster } = run;
  run.hold('masked', 2);
  await run.next();
  await run.untilAllBut('masked', 2);
  await run.site(2).stop();
  await cluster.clock.advance(PHASE_WITHIN_MS / 2);
  t.is(run.round.phase, 'masking');
  t.regex((await cluster.coordinator.status()).waitingFor, /too few masked; the missing may still/);
  run.letGo('masked', 2);
  await run.site(2).start();
  await cluster.untilFinished();
  t.is(run.count('round-opened'), 1);
  t.deepEqual(
    run.sessions.map(({ failed }) => failed?.reason),
    ['too-few', undefined],
  );
  t.deepEqual(run.missing(), []);
  t.deepEqual(run.state.versions[0]?.contributors, run.members(0, 1, 2));
});

test('a round that cannot be tried again fails, names who was away, and the next one waits', async (t) => {
  const run = await MaskedRun.start(t, 3);
  const { cluster } = run;
  run.hold('masked', 2);
  await run.next();
  await run.untilAllBut('masked', 2);
  await run.site(2).stop();
  await cluster.untilEvent('round-failed');
  t.regex(run.round.failure ?? '', /too-few/);
  t.is(run.sessions.length, 1);
  t.deepEqual(
    run.missing(),
    run.members(2).map((member) => [member, 'offline']),
  );
  await cluster.coordinator.planRounds(2, 3);
  await cluster.clock.advance(5_000);
  t.regex((await cluster.coordinator.status()).waitingFor, /2 of 3 sites ready/);
  run.letGo('masked', 2);
  await run.site(2).start();
  await cluster.untilFinished();
  t.is(run.round.plan.round, 2);
  t.deepEqual(
    run.state.versions.map(({ version, round }) => [version, round]),
    [[1, 2]],
  );
});

test('too few before they signed: those left try again with the same updates', async (t) => {
  const run = await MaskedRun.start(t, 5);
  const { cluster } = run;
  run.hold('masked', 3, 4);
  await run.next();
  await run.untilAllBut('masked', 3, 4);
  for (const i of [3, 4]) await run.site(i).stop();
  await cluster.untilEvent('aggregate-published');
  const [first, second] = run.sessions;
  t.is(first?.failed?.reason, 'too-few');
  t.is(first?.announced.has('signing'), false);
  t.deepEqual(second?.session.announce.participants, run.members(0, 1, 2));
  t.deepEqual(
    run.missing(),
    run.members(3, 4).map((member) => [member, 'offline']),
  );
  for (const i of [3, 4]) await run.site(i).start();
  await cluster.untilFinished();
  t.is(run.count('round-opened'), 1);
  t.deepEqual(run.state.versions[0]?.contributors, run.members(0, 1, 2));
});

test('too few after they signed: the round fails, and the next one is trained anew', async (t) => {
  const run = await MaskedRun.start(t, 4);
  const { cluster } = run;
  run.hold('survivors', 2, 3);
  await run.next();
  await run.untilAllBut('survivors', 2, 3);
  for (const i of [2, 3]) await run.site(i).stop();
  await cluster.untilEvent('round-failed');
  t.is(run.sessions.length, 1, 'the same updates are not asked for again');
  t.deepEqual(
    run.missing(),
    run.members(2, 3).map((member) => [member, 'offline']),
  );
  run.letGo('survivors', 2, 3);
  for (const i of [2, 3]) await run.site(i).start();
  await run.next();
  await cluster.untilFinished();
  t.deepEqual(
    run.state.versions.map(({ version, round }) => [version, round]),
    [[1, 2]],
  );
  t.deepEqual(run.state.versions[0]?.contributors, run.members(0, 1, 2, 3));
});

test('a coordinator that was away for many phases finds the sites waiting in the same session', async (t) => {
  const run = await MaskedRun.start(t, 4);
  const { cluster } = run;
  run.hold('masked', 3);
  await run.next();
  await run.untilAllBut('masked', 3);
  await cluster.stopCoordinator();
  await cluster.clock.advance(10 * PHASE_WITHIN_MS);
  await cluster.startCoordinator();
  run.letGo('masked', 3);
  await cluster.untilFinished();
  t.is(run.sessions.length, 1);
  t.deepEqual(run.state.versions[0]?.contributors, run.members(0, 1, 2, 3));
});

test('a coordinator that is away for hours finds the same updates for another attempt', async (t) => {
  const run = await MaskedRun.start(t, 4);
  const { cluster } = run;
  run.hold('masked', 3);
  await run.next();
  await run.untilAllBut('masked', 3);
  await cluster.stopCoordinator();
  await cluster.clock.advance(2 * 3_600_000);
  for (const site of cluster.sites) {
    t.is(site.counted('starling_peer_secagg_aborts_total', { reason: 'timeout' }), 1, site.name);
  }
  await cluster.startCoordinator();
  run.letGo('masked', 3);
  await cluster.untilFinished();
  t.is(run.count('round-opened'), 1);
  t.deepEqual(
    run.sessions.map(({ failed }) => failed?.reason),
    ['too-few', undefined],
  );
  t.deepEqual(run.missing(), []);
  t.deepEqual(run.state.versions[0]?.contributors, run.members(0, 1, 2, 3));
});
