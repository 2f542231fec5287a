// Envelopes across restarts: what was heard is not heard again, and a clock that was set back
// silences nobody.

import { decodeCanonical, frameSchema, headerSchema } from '@starling/shared';
import test, { type ExecutionContext } from 'ava';
import type { ClusterSite } from './cluster-site.ts';
import { MemoryCluster } from './memory-cluster.ts';
import { Wiretap } from './wiretap.ts';

const HOUR_MS = 3_600_000;

/** A cluster whose sites are ready, and everything it said. */
async function tapped(t: ExecutionContext) {
  const wiretap = new Wiretap();
  const cluster = await MemoryCluster.start(t, { wrapBus: wiretap.wrap });
  await cluster.until('every site ready', () => {
    return [...cluster.replay().registrations.values()].filter(({ ready }) => ready).length === 3;
  });
  return { cluster, wiretap };
}

/** Envelopes of a type that were said by others than `except` and have not expired. */
function living(wiretap: Wiretap, cluster: MemoryCluster, type: string, except?: string) {
  return wiretap.heard.filter((bytes) => {
    const frame = decodeCanonical(bytes, bytes.byteLength);
    const parsed = frameSchema.safeParse(frame.ok ? frame.value : undefined);
    if (!parsed.success) return false;
    const { signed } = parsed.data;
    const decoded = decodeCanonical(signed, signed.byteLength);
    const header = headerSchema.parse(decoded.ok ? decoded.value : undefined);
    if (header.type !== type || header.sender === except) return false;
    return (header.expiresAtMs ?? 0) > cluster.clock.nowMs();
  });
}

test('a coordinator that starts again refuses a registration that it heard before', async (t) => {
  const { cluster, wiretap } = await tapped(t);
  await cluster.stopCoordinator();
  await cluster.startCoordinator();
  const heard = living(wiretap, cluster, 'registration');
  t.true(heard.length >= 3);
  for (const frame of heard) {
    const verdict = await wiretap.deliver(cluster.node.transportId, 'site', frame);
    t.like(verdict, { kind: 'ignore', reason: 'replay' });
  }
});

test('a site that starts again refuses statuses and registrations that it heard', async (t) => {
  const { cluster, wiretap } = await tapped(t);
  const [site] = cluster.sites as [ClusterSite];
  const statuses = living(wiretap, cluster, 'round-status');
  const registrations = living(wiretap, cluster, 'registration', site.identity.member);
  await site.stop();
  await site.start();
  t.true(statuses.length > 0 && registrations.length > 0);
  for (const frame of statuses) {
    const verdict = await wiretap.deliver(site.transportId, 'control', frame);
    t.like(verdict, { kind: 'ignore', reason: 'replay' });
  }
  for (const frame of registrations) {
    const verdict = await wiretap.deliver(site.transportId, 'site', frame);
    t.like(verdict, { kind: 'ignore', reason: 'replay' });
  }
});

test('after restarts with the clock an hour back, everyone is heard as before', async (t) => {
  const { cluster } = await tapped(t);
  const [site] = cluster.sites as [ClusterSite];
  await cluster.stopCoordinator();
  await site.stop();
  cluster.clock.shift(-HOUR_MS);
  await cluster.startCoordinator();
  await site.start();
  await cluster.coordinator.planRounds(2, 3);
  await cluster.untilFinished();
  t.is((await cluster.coordinator.status()).version, 2);
  t.is(cluster.replay().round?.updates.size, 3);
});
