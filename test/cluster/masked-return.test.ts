// Sites that restart, are cut off or are slow in the middle of a masked round.

import { encoderEngine } from '@starling/training';
import test from 'ava';
import { MaskedRun } from './masked-run.ts';

test('a site that restarts in a session does not rejoin it, and takes part in the next round', async (t) => {
  const run = await MaskedRun.start(t, 4);
  const { cluster } = run;
  run.hold('shares', 3);
  await run.next();
  await run.untilAllBut('shares', 3);
  await run.site(3).stop();
  run.letGo('shares', 3);
  await run.site(3).start();
  await cluster.untilFinished();
  const [back] = run.members(3);
  const [session] = run.sessions;
  t.is(run.sessions.length, 1);
  t.true(back !== undefined && session?.keys.has(back) && !session.shares.has(back));
  t.deepEqual(run.missing(), [[back, 'declined']], 'nobody had to wait for it');
  await run.next();
  await cluster.untilFinished();
  t.deepEqual(run.missing(), []);
  t.is(run.sessions[0]?.masked.size, 4);
});

test('a site that is connected and says nothing is named as too late', async (t) => {
  const run = await MaskedRun.start(t, 4);
  const { cluster } = run;
  run.hold('masked', 1);
  await run.next();
  await cluster.untilFinished();
  t.deepEqual(
    run.missing(),
    run.members(1).map((member) => [member, 'timeout']),
  );
  t.deepEqual(await run.opened(), { seeds: 1, selves: 3 });
  run.letGo('masked', 1);
  await run.next();
  await cluster.untilFinished();
  t.deepEqual(run.missing(), []);
});

test('a site whose training broke says so, also to a coordinator that was restarted', async (t) => {
  const run = await MaskedRun.start(t, 4);
  const { cluster } = run;
  await run.site(3).stop();
  run.site(3).createTrainer = () => ({
    engine: (shape) => encoderEngine('built-in', shape),
    fit: () => Promise.reject(new Error('no more memory')),
    stop: async () => undefined,
  });
  await run.site(3).start();
  run.hold('keys', 0);
  await run.next();
  await cluster.until('the keys of two sites', () => run.sessions[0]?.keys.size === 2);
  await cluster.stopCoordinator();
  await cluster.startCoordinator();
  run.letGo('keys', 0);
  await cluster.untilFinished();
  t.is(run.count('round-opened'), 1);
  t.deepEqual(
    run.missing(),
    run.members(3).map((member) => [member, 'declined']),
  );
});

test('a site that is cut off in a session is recovered by its seed, and catches up later', async (t) => {
  const run = await MaskedRun.start(t, 4);
  const { cluster } = run;
  run.hold('masked', 2);
  await run.next();
  await run.untilAllBut('masked', 2);
  const others = [cluster.node, run.site(0), run.site(1), run.site(3)];
  cluster.network.partition(others.map(({ transportId }) => transportId));
  run.letGo('masked', 2);
  await cluster.untilEvent('version-finalised');
  t.deepEqual(
    run.missing(),
    run.members(2).map((member) => [member, 'offline']),
  );
  t.deepEqual(await run.opened(), { seeds: 1, selves: 3 });
  t.is(run.site(2).peer.status().model.version, 0);
  cluster.network.heal();
  await cluster.untilFinished();
  await run.next();
  await cluster.untilFinished();
  t.deepEqual(run.missing(), []);
  t.is(run.site(2).peer.status().model.version, 2);
});

test('masked rounds that lose every fifth gossip delivery still finish', async (t) => {
  const run = await MaskedRun.start(t, 5, { gossipLoss: 0.2 });
  const { cluster } = run;
  for (let round = 1; round <= 3; round++) await run.next();
  await cluster.untilFinished();
  t.is((await cluster.coordinator.status()).version, 3);
  t.is(run.count('session-failed'), 0);
});
