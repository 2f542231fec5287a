// What tests of the chain ask of a memory cluster: its votes as a wiretap heard them, its decisions,
// its roots.

import { readFrame, typeOfFrame } from '@starling/rules';
import { type ChainVote, chainVote, type MemberId } from '@starling/shared';
import type { ClusterSite } from './cluster-site.ts';
import type { MemoryCluster } from './memory-cluster.ts';

export interface HeardVote {
  readonly member: MemberId;
  readonly vote: ChainVote;
}

/** Every chain vote among these bytes. */
export function votesIn(heard: readonly Uint8Array[]): HeardVote[] {
  return heard.flatMap((bytes) => {
    try {
      if (typeOfFrame(bytes) !== chainVote.type) return [];
      const { body, sender } = readFrame(bytes, chainVote);
      return [{ member: sender, vote: body }];
    } catch {
      return [];
    }
  });
}

/** Members that said two things which exclude each other, as `member epoch/view slot`. */
export function doubleVotes(votes: readonly HeardVote[]): string[] {
  const said = new Map<string, string>();
  const twice: string[] = [];
  for (const { member, vote } of votes) {
    const slot = vote.kind === 'notarize' ? 'notarize' : 'close';
    const key = `${member} ${vote.epoch}/${vote.view} ${slot}`;
    const what = `${vote.kind} ${vote.block}`;
    const before = said.get(key);
    if (before !== undefined && before !== what) twice.push(key);
    said.set(key, before ?? what);
  }
  return twice;
}

/** Waits until each of these sites has decided this model version. */
export function untilDecided(
  cluster: MemoryCluster,
  version: number,
  sites: readonly ClusterSite[] = cluster.sites,
): Promise<void> {
  return cluster.until(`version ${version} in every chain`, () =>
    sites.every((site) => site.isRunning && versionsOf(site).includes(version)),
  );
}

/** Model versions in a site's chain. */
export function versionsOf({ peer }: ClusterSite): number[] {
  const models = [...(peer.chain.state?.models.values() ?? [])];
  return models.map(({ record }) => record.version).sort((a, b) => a - b);
}

/** Blocks by height as each site decided them: one name per height when all agree. */
export function blocksByHeight(sites: readonly ClusterSite[]): Map<number, Set<string>> {
  const blocks = new Map<number, Set<string>>();
  for (const { peer } of sites) {
    for (const { block, height } of peer.chain.decisions()) {
      blocks.set(height, (blocks.get(height) ?? new Set()).add(block));
    }
  }
  return blocks;
}
