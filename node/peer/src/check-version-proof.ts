// A version's proof, checked by anyone who trusts the genesis: roster, plan, sum and certificate.

import { verifyCertificate } from '@starling/consensus';
import { digestOf, openMessage, verifyStatement } from '@starling/crypto';
import { activePeers, openRoster, type RosterTrust, voteFor } from '@starling/rules';
import type { Aggregate, Digest, FinalVersion, Roster, RoundPlan } from '@starling/shared';
import {
  aggregate,
  type Checked,
  checked,
  encodeCanonical,
  equalBytes,
  modelVote,
  refused,
  roundPlan,
} from '@starling/shared';

/** What a proof proves. */
export interface ProvedVersion {
  readonly plan: RoundPlan;
  readonly planDigest: Digest;
  readonly aggregate: Aggregate;
  readonly roster: Roster;
}

/** Checks roster, plan, sum and certificate of a version. */
export function checkVersionProof(
  proof: FinalVersion,
  version: number,
  trust: Pick<RosterTrust, 'federation' | 'genesis'>,
): Checked<ProvedVersion> {
  const { federation } = trust;
  const { coordinator } = trust.genesis;
  const openedRoster = openRoster(proof.roster, trust);
  if (!openedRoster.ok) return openedRoster;
  const openedPlan = openMessage(proof.plan, roundPlan, {
    federation,
    nowMs: 0,
    keyOf: (sender) => (sender === coordinator.member ? coordinator.publicKey : undefined),
  });
  if (!openedPlan.ok) return openedPlan;
  const plan = openedPlan.value.body;
  const voters = activePeers(openedRoster.value.body);
  const names = voters.map(({ member }) => member);
  if (plan.roster !== openedRoster.value.bodyDigest || plan.voters.join() !== names.join()) {
    return refused('wrong-shape', 'the plan counts other voters than its roster');
  }
  const openedAggregate = openMessage(proof.aggregate, aggregate, {
    federation,
    nowMs: 0,
    keyOf: (sender) => (sender === coordinator.member ? coordinator.publicKey : undefined),
  });
  if (!openedAggregate.ok) return openedAggregate;
  const sum = openedAggregate.value.body;
  const planDigest = digestOf(openedPlan.value.bodyBytes);
  const isOfProof =
    sum.model.root === proof.model.root &&
    sum.model.bytes === proof.model.bytes &&
    sum.version === version &&
    sum.plan === planDigest;
  if (!isOfProof || !equalBytes(encodeCanonical(voteFor(sum)), proof.certificate.body)) {
    return refused('wrong-shape', 'the certificate is for another sum, model, version or plan');
  }
  const verdict = verifyCertificate(proof.certificate, {
    voters: names,
    verify: (member, bodyBytes, signature) => {
      const publicKey = voters.find((voter) => voter.member === member)?.publicKey;
      if (publicKey === undefined) return false;
      const parts = { federation, sender: member, publicKey, bodyBytes, signature };
      return verifyStatement(modelVote, parts);
    },
  });
  if (!verdict.ok) return refused('bad-signature', verdict.reason);
  const roster = openedRoster.value.body;
  return checked({ plan, planDigest, aggregate: sum, roster });
}
