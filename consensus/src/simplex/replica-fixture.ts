// Four members in one instance, and one replica among them: what a test hands it, by short names.

import type { Digest } from '@starling/shared';
import { LeaderSchedule } from './leader-schedule.ts';
import { ROOT } from './lockstep-fixture.ts';
import { SimplexReplica } from './replica.ts';
import type { BlockHeader, QuorumCertificate, SimplexVote } from './vote.ts';

export const MEMBERS = 4;
export const leaders = new LeaderSchedule(MEMBERS, 1);
export const id = (name: string) => name as Digest;

export function replicaOf(self: number | undefined = 0, journal: readonly SimplexVote[] = []) {
  const config = { members: MEMBERS, self, leaderSeed: 1, root: ROOT };
  return new SimplexReplica<string>(config, journal);
}

export function blockAt(view: number, name: string, parent: BlockHeader = ROOT): BlockHeader {
  const leader = leaders.leaderOf(view);
  const height = parent.height + 1;
  return { id: id(name), view, height, parent: parent.id, parentView: parent.view, leader };
}

export function certificate(vote: SimplexVote, voters = [0, 1, 2]): QuorumCertificate<string> {
  return { vote, proofs: voters.map((voter) => ({ voter, proof: '' })) };
}

export const nullify = (view: number): SimplexVote => ({ kind: 'nullify', view });
export const notarize = (view: number, name: string): SimplexVote => ({
  kind: 'notarize',
  view,
  block: id(name),
});
export const finalize = (view: number, name: string): SimplexVote => ({
  kind: 'finalize',
  view,
  block: id(name),
});
