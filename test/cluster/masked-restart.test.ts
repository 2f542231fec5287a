// A coordinator that stops and starts again in the middle of a masked round: the round goes on.

import test from 'ava';
import { MaskedRun, STATEMENTS } from './masked-run.ts';

for (const [statement, phase] of STATEMENTS) {
  test(`a coordinator that stops while ${statement} come in goes on with the same session`, async (t) => {
    const run = await MaskedRun.start(t, 4);
    const { cluster } = run;
    run.hold(statement, 3);
    await run.next();
    await run.untilAllBut(statement, 3);
    t.is(run.round.phase, phase);
    const plan = run.round.planDigest;
    const events = cluster.eventLog.snapshot();
    await cluster.stopCoordinator();
    await cluster.clock.advance(10_000);
    await cluster.startCoordinator();
    run.letGo(statement, 3);
    await cluster.untilFinished();
    t.is(run.round.planDigest, plan);
    t.deepEqual(cluster.eventLog.snapshot().slice(0, events.length), events, 'the log only grew');
    for (const type of ['round-opened', 'round-resumed', 'session-opened'] as const) {
      t.is(run.count(type), 1, type);
    }
    t.is(run.count('session-failed'), 0);
    t.is(run.round.updates.size, 0, 'no update was sent in the clear');
    t.deepEqual(run.missing(), []);
    t.is(run.state.versions.length, 1);
    t.deepEqual(run.state.versions[0]?.contributors, run.members(0, 1, 2, 3));
  });
}

test('a coordinator that stops while sites vote goes on with the same masked sum', async (t) => {
  const run = await MaskedRun.start(t, 4);
  const { cluster } = run;
  run.hold('model-vote', 0, 1, 2, 3);
  await run.next();
  await cluster.untilEvent('aggregate-published');
  const { frame } = run.round.aggregate ?? {};
  await cluster.stopCoordinator();
  await cluster.startCoordinator();
  run.letGo('model-vote', 0, 1, 2, 3);
  await cluster.untilFinished();
  t.deepEqual(run.round.aggregate?.frame, frame);
  t.is(run.count('aggregate-published'), 1);
  t.is(run.state.versions.length, 1);
});

test('when everyone stops before the survivors signed, the same round is tried again', async (t) => {
  const run = await MaskedRun.start(t, 4);
  const { cluster } = run;
  run.hold('masked', 3);
  await run.next();
  await run.untilAllBut('masked', 3);
  await cluster.stop();
  run.letGo('masked', 3);
  await cluster.startCoordinator();
  for (const site of cluster.sites) await site.start();
  await cluster.untilFinished();
  t.is(run.count('round-opened'), 1);
  t.deepEqual(
    run.sessions.map(({ failed }) => failed?.reason),
    ['too-few', undefined],
  );
  t.deepEqual(run.missing(), []);
  t.deepEqual(run.state.versions[0]?.contributors, run.members(0, 1, 2, 3));
});

test('when everyone stops while survivors sign, the next round makes the version', async (t) => {
  const run = await MaskedRun.start(t, 4);
  const { cluster } = run;
  run.hold('survivors', 3);
  await run.next();
  await run.untilAllBut('survivors', 3);
  await cluster.stop();
  run.letGo('survivors', 3);
  await cluster.startCoordinator();
  for (const site of cluster.sites) await site.start();
  await cluster.untilEvent('round-failed');
  t.is(run.sessions.length, 1, 'updates that may be signed for are not asked for again');
  await run.next();
  await cluster.untilFinished();
  t.deepEqual(
    run.state.versions.map(({ version, round }) => [version, round]),
    [[1, 2]],
  );
});
