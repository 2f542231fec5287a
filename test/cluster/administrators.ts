// People who sign rosters beside the coordinator, and rosters as they, or somebody else, may sign.

import { encodeBody, type Identity, signStatement } from '@starling/crypto';
import { encodeSignedRoster, nextRoster } from '@starling/rules';
import { type KeyHolder, ROSTER_LIFE_MS, type Roster, roster } from '@starling/shared';
import { identityOf } from './cluster-node.ts';
import type { ClusterSite } from './cluster-site.ts';
import type { MemoryCluster } from './memory-cluster.ts';

export const ALICE = identityOf('alice');
export const BOB = identityOf('bob');

export function holderOf({ member, publicKey }: Identity): KeyHolder {
  return { member, publicKey };
}

/** The coordinator, Alice and Bob, of whom any two make a roster. */
export const TWO_OF_THREE = { administrators: [ALICE, BOB].map(holderOf), threshold: 2 };

/** Has the open proposal signed by these. */
export async function signProposal(
  cluster: MemoryCluster,
  signers: readonly Identity[],
  open = cluster.replay().proposal,
): Promise<void> {
  if (open === undefined) throw new Error('nothing is proposed');
  for (const signer of signers) {
    const signature = signStatement(signer, roster, cluster.federation, open.bodyBytes);
    await cluster.coordinator.signRoster(open.bodyDigest, signer.member, signature);
  }
}

/** Joins a site whose admission administrators have to sign. */
export async function admitSigned(
  cluster: MemoryCluster,
  site: ClusterSite,
  signers: readonly Identity[],
): Promise<void> {
  const invitation = cluster.coordinator.invite(site.name);
  try {
    await site.join(invitation);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'join-pending')) throw error;
    await signProposal(cluster, signers);
    await site.join(invitation);
  }
}

/** The next roster with changes that nobody need have agreed to, signed by these. */
export function signedRoster(
  cluster: MemoryCluster,
  changes: Partial<Roster>,
  signers: readonly Identity[],
): Uint8Array {
  const { roster: current, rosterDigest } = cluster.replay();
  const terms = { nowMs: cluster.clock.nowMs(), lifeMs: ROSTER_LIFE_MS };
  const known = { roster: current, digest: rosterDigest };
  const body = encodeBody(roster, {
    ...nextRoster(known, current, { kind: 'renew' }, terms),
    ...changes,
  });
  const signatures = signers.map(
    (it) => [it.member, signStatement(it, roster, cluster.federation, body)] as const,
  );
  return encodeSignedRoster(body, new Map(signatures));
}
