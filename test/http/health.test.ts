import test from 'ava';
import { MemoryCluster } from '../cluster/memory-cluster.ts';
import { lead, operatorsOf } from './operator-cluster.ts';

test('a stand-by is healthy, not ready, and says who leads; a leader is ready', async (t) => {
  const { ask, standing, tokenOf } = await operatorsOf(t);
  const token = await tokenOf('read', 'reader');
  const cluster = await MemoryCluster.start(t);
  const state = cluster.replay();
  standing.set({ kind: 'stands-by', describe: () => 'stands by: c1 leads', known: () => state });
  t.like(await ask('/healthz'), { status: 200, body: { ok: true, standing: 'stands-by' } });
  const unready = await ask('/readyz');
  t.like(unready, { status: 503, body: { ready: false, members: null } });
  t.like(unready.body['checks'], { lease: { ok: false }, log: { ok: true } });
  const refused = await ask('/api/v1/status', token);
  t.is(refused.status, 503);
  t.like(refused.body, {
    code: 'not-leading',
    error: 'stands by: c1 leads: ask the coordinator that leads',
  });
  lead(standing, cluster);
  await cluster.until('all configured', () => {
    return cluster.coordinator.desk.members.every(({ connected, ready }) => connected && ready);
  });
  const ready = await ask('/readyz');
  t.is(ready.status, 200);
  t.like(ready.body, { ready: true, members: { configured: 3, offline: 0, training: 0 } });
});

test('metrics tell members by state, rounds by outcome, the log, the lease and the accounts', async (t) => {
  const cluster = await MemoryCluster.start(t);
  const { ask, request, standing, tokenOf } = await operatorsOf(t, cluster);
  const token = await tokenOf('read', 'prometheus');
  t.is((await ask('/metrics')).status, 401);
  await cluster.coordinator.planRounds(2, 3);
  await cluster.untilFinished();
  const scrape = async () => (await request('/metrics', token)).text();
  const { head } = cluster.replay();
  const expected = [
    'starling_coordinator_members{state="configured"} 3',
    'starling_coordinator_members{state="training"} 0',
    'starling_coordinator_rounds_total{outcome="final"} 2',
    'starling_coordinator_rounds_total{outcome="failed"} 0',
    'starling_coordinator_round_seconds_count{outcome="final"} 2',
    'starling_coordinator_lease_held 1',
    'starling_coordinator_version 2',
    `starling_coordinator_events_head ${head}`,
    'starling_ledger_supply_units 1000',
    'starling_coordinator_joins_total',
  ];
  const text = await scrape();
  for (const line of expected) t.true(text.includes(line), line);
  t.is(await scrape().then((again) => again.includes('rounds_total{outcome="final"} 2')), true);
  standing.set({ kind: 'stands-by', describe: () => 'stands by', known: () => cluster.replay() });
  const standby = await scrape();
  t.true(standby.includes('starling_coordinator_lease_held 0'));
  t.true(standby.includes(`starling_coordinator_events_head ${head}`));
});
