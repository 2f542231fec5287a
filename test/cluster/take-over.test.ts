// A second coordinator takes over on the same log; the first wakes up and finds itself fenced off.

import { EventLogError } from '@starling/shared';
import test from 'ava';
import { MASKED, MemoryCluster } from './memory-cluster.ts';

for (const [policy, aggregation, phase] of [
  ['a plain', { mode: 'plain' }, 'update-received'],
  ['a masked', MASKED, 'session-announced'],
] as const) {
  test(`${policy} round goes on under another coordinator, and the former one writes nothing`, async (t) => {
    const cluster = await MemoryCluster.start(t, { aggregation });
    await cluster.coordinator.planRounds(1, 3);
    await cluster.untilEvent(phase, 2);
    const before = cluster.replay().round?.planDigest;
    // Its channel is gone and it does not know.
    const former = await cluster.abandonCoordinator();
    await cluster.startCoordinator({ formerUntilMs: cluster.clock.nowMs(), token: 7 });
    t.is(cluster.replay().leadership, 7);
    const { head } = cluster.replay();
    const refused = await t.throwsAsync(former.planRounds(9, 1), { instanceOf: EventLogError });
    t.is(refused?.code, 'conflict');
    t.true(former.fenced.aborted);
    t.true(cluster.replay().head >= head);
    await cluster.untilFinished();
    const { round, roundsPlanned, versions } = cluster.replay();
    t.is(round?.planDigest, before);
    t.is(versions.length, 1);
    t.is(roundsPlanned, 1, 'what the former one was asked is not in the log');
    await t.throwsAsync(former.planRounds(9, 1), undefined, 'and it stays fenced off');
    await former.stop();
  });
}

test('a coordinator whose token is not the highest is refused', async (t) => {
  const cluster = await MemoryCluster.found(t);
  await cluster.stopCoordinator();
  await cluster.startCoordinator({ formerUntilMs: 0, token: 7 });
  await cluster.stopCoordinator();
  const error = await t.throwsAsync(cluster.startCoordinator({ formerUntilMs: 0, token: 7 }));
  t.like(error, { code: 'superseded' });
  await cluster.node.close();
  await cluster.startCoordinator({ formerUntilMs: 0, token: 8 });
  t.is(cluster.replay().leadership, 8);
});
