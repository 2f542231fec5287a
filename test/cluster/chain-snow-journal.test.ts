// What members of the engine snow remember of themselves and of each other: no second starting vote
// in an era, whatever becomes of a disk, and evidence of whoever signed two.

import { sealMessage } from '@starling/crypto';
import { DOCUMENTS } from '@starling/rules';
import { type ChainStall, chainStall } from '@starling/shared';
import test, { type ExecutionContext } from 'ava';
import { untilDecided } from './chain-cluster.ts';
import type { ClusterSite } from './cluster-site.ts';
import { MemoryCluster } from './memory-cluster.ts';
import {
  assertOneChain,
  doubleStarts,
  hasHalted,
  hasSetting,
  propose,
  SIX,
  startsIn,
  untilVoters,
} from './snow-cluster.ts';
import { Wiretap } from './wiretap.ts';

/** Six sites that decided a version; the last two are cut off on request. */
async function six(t: ExecutionContext) {
  const wiretap = new Wiretap();
  const options = { sites: 6, chainEngine: SIX, wrapBus: wiretap.wrap };
  const cluster = await MemoryCluster.start(t, options);
  await cluster.coordinator.planRounds(1, 6);
  await cluster.untilFinished();
  await untilDecided(cluster, 1);
  await untilVoters(cluster);
  const ids = [cluster.node, ...cluster.sites].map(({ transportId }) => transportId);
  const cut = () => cluster.network.partition(ids.slice(0, 5), ids.slice(5));
  const here = cluster.sites.slice(0, 4) as [ClusterSite, ClusterSite, ...ClusterSite[]];
  return { cluster, cut, here, wiretap };
}

/** Everything about the chain is gone from the disk. */
async function loseJournal({ store }: ClusterSite): Promise<void> {
  const keys: string[] = [];
  for await (const { key } of store.entries('consensus')) keys.push(key);
  await store.write(keys.map((key) => ({ table: 'consensus', key, value: undefined })));
}

test('a halted member whose journal is lost takes its starting vote back from the others', async (t) => {
  const { cluster, cut, here, wiretap } = await six(t);
  cut();
  await propose(here, 'stalled');
  await cluster.until('starting votes on four disks', async () => {
    return (await Promise.all(here.map(hasHalted))).every(Boolean);
  });
  await cluster.clock.advance(2_000);
  const [, site] = here;
  const said = startsIn(wiretap.heard, site);
  t.is(said.length, 1);
  await site.stop();
  await loseJournal(site);
  await site.start();
  await cluster.until('its starting vote on its disk again', () => hasHalted(site));
  t.is(site.counted('starling_peer_chain_journal_losses_total'), 1);
  cluster.network.heal();
  await cluster.until('decided by certificates', () =>
    cluster.sites.every((each) => hasSetting(each, 'stalled')),
  );
  t.deepEqual(startsIn(wiretap.heard, site), said);
  t.deepEqual(doubleStarts(wiretap.heard), []);
  assertOneChain(t, cluster.sites);
});

test('two starting votes of one member are kept, told to all and proved; of our own key, the end', async (t) => {
  const { cluster, here, wiretap } = await six(t);
  const [liar, site] = here;
  const { federation } = cluster;
  const startOf = ({ identity }: ClusterSite, last: Uint8Array): Uint8Array => {
    const start = { chain: new Uint8Array(last), decidedHeight: 1, fromHeight: 1 };
    const body: ChainStall = { collection: DOCUMENTS, epoch: 1, era: 0, start };
    return sealMessage(identity, chainStall, { federation, body });
  };
  const hear = (frame: Uint8Array) => wiretap.deliver(site.transportId, 'consensus', frame);
  const tip = Buffer.from(site.peer.chain.status().block ?? '', 'hex');
  for (const last of [tip, Buffer.alloc(32, 9)]) await hear(startOf(liar, last));
  const others = cluster.sites.filter((each) => each !== liar);
  const isKnown = ({ peer }: ClusterSite) => peer.chain.evidence().length === 1;
  await cluster.until('the evidence everywhere', () => others.every(isKnown));
  for (const { peer } of others) {
    const { member } = liar.identity;
    t.like(peer.chain.evidence()[0], { member, kind: 'conflicting-start', epoch: 1, era: 0 });
    t.deepEqual(peer.chain.status().contradicted, [member]);
  }
  await hear(startOf(site, Buffer.alloc(32, 7)));
  t.is(site.peer.chain.status().standing, 'twin');
  await site.stop();
  await site.start();
  await cluster.until('it is back', () => isKnown(site));
  await cluster.clock.advance(3_000);
  t.is(site.peer.chain.status().standing, 'twin');
  t.deepEqual(startsIn(wiretap.heard, site), []);
});
