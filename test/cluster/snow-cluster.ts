// What tests of the engine snow ask of a memory cluster.

import { readFrame, typeOfFrame } from '@starling/rules';
import { type ChainEngine, chainStall } from '@starling/shared';
import type { ExecutionContext } from 'ava';
import { blocksByHeight } from './chain-cluster.ts';
import type { ClusterSite } from './cluster-site.ts';
import type { MemoryCluster } from './memory-cluster.ts';

/** Everybody is asked; bounds for these numbers of members are 0. */
export const FIVE: ChainEngine = {
  kind: 'snow',
  byzantineMicros: 0,
  parameters: { k: 5, alphaPreference: 3, alphaConfidence: 5, beta: 1 },
  targetExponent: 15,
};
/** One of six may lie, or be away. */
export const SIX: ChainEngine = {
  kind: 'snow',
  byzantineMicros: 170_000,
  parameters: { k: 6, alphaPreference: 4, alphaConfidence: 5, beta: 1 },
  targetExponent: 15,
};
export const SEVEN: ChainEngine = {
  kind: 'snow',
  byzantineMicros: 150_000,
  parameters: { k: 7, alphaPreference: 4, alphaConfidence: 6, beta: 1 },
  targetExponent: 15,
};

export function assertOneChain(t: ExecutionContext, sites: readonly ClusterSite[]): void {
  for (const [height, blocks] of blocksByHeight(sites)) t.is(blocks.size, 1, `height ${height}`);
  t.is(new Set(sites.map(({ peer }) => peer.chain.status().height)).size, 1);
  t.is(new Set(sites.map(({ peer }) => peer.chain.status().stateRoot)).size, 1);
}

/** Members that signed two starting votes for one era. */
export function doubleStarts(heard: readonly Uint8Array[]): string[] {
  const said = new Map<string, string>();
  const twice: string[] = [];
  for (const bytes of heard) {
    if (typeIn(bytes) !== chainStall.type) continue;
    const { body, sender } = readFrame(bytes, chainStall);
    if (body.start === null) continue;
    const key = `${sender} ${body.era}`;
    const what = Buffer.from(body.start.chain).toString('hex');
    if ((said.get(key) ?? what) !== what) twice.push(key);
    said.set(key, what);
  }
  return twice;
}

function typeIn(bytes: Uint8Array): string | undefined {
  try {
    return typeOfFrame(bytes);
  } catch {
    return undefined;
  }
}

export async function untilVoters(cluster: MemoryCluster): Promise<void> {
  await cluster.until('everyone a voter', () =>
    cluster.sites.every(({ peer }) => peer.chain.status().standing === 'voter'),
  );
}

export function hasSetting({ peer }: ClusterSite, name: string): boolean {
  return peer.chain.settings().some((each) => each.name === name && each.status === 'final');
}

/** A starting vote is on the site's disk. */
export async function hasHalted({ store }: ClusterSite): Promise<boolean> {
  for await (const { key } of store.entries('consensus')) if (key.includes('/start/')) return true;
  return false;
}

/** A setting that every running site agrees with. */
export async function propose(sites: readonly ClusterSite[], name: string): Promise<void> {
  const [first, ...others] = sites as [ClusterSite, ...ClusterSite[]];
  const id = await first.peer.chain.proposeSetting(name, 'on');
  for (const { peer } of others) await peer.chain.approveSetting(id);
}

/** The starting votes that a site said, each once. */
export function startsIn(heard: readonly Uint8Array[], { identity }: ClusterSite): string[] {
  const said = heard.flatMap((bytes) => {
    if (typeIn(bytes) !== chainStall.type) return [];
    const { body, bodyDigest, sender } = readFrame(bytes, chainStall);
    return sender === identity.member && body.start !== null ? [bodyDigest] : [];
  });
  return [...new Set(said)];
}
