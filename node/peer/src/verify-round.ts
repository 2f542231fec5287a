// A finished round verified later, by anyone who holds the genesis: the proof of its version, then
// the sum computed again from transcript, opened secrets and vectors, down to the model's bytes.

import { payloadRef } from '@starling/crypto';
import { decodeVersion, encodeVersion, type RosterTrust } from '@starling/rules';
import {
  type Checked,
  checked,
  type Digest,
  type FinalVersion,
  type MemberId,
  type MissingMember,
  type PayloadRef,
  refused,
  type SumStatistics,
} from '@starling/shared';
import { checkVersionProof } from './check-version-proof.ts';
import { recomputeSum, type SumEvidence } from './recompute-sum.ts';

/** What a verified round was. */
export interface VerifiedRound {
  readonly round: number;
  readonly version: number;
  readonly model: Digest;
  readonly aggregation: 'masked' | 'plain';
  /** Members whose updates are in the sum. */
  readonly contributors: readonly MemberId[];
  readonly missing: readonly MissingMember[];
  /** Votes under the version. */
  readonly votes: number;
  /** Signatures under the survivors; 0 for a plain round. */
  readonly survivorSignatures: number;
  /** Masks that were taken off: self masks, and pair masks of members that dropped out. */
  readonly masksRemoved: number;
  readonly statistics: SumStatistics | null;
}

/**
 * Verifies a version from its proof and payloads. `fetch` gives payloads by their root; the base
 * model is among them.
 * @throws {PayloadError} when a payload is not to be had any more
 */
export async function verifyRound(
  proof: FinalVersion,
  version: number,
  trust: Pick<RosterTrust, 'federation' | 'genesis'>,
  fetch: SumEvidence['fetch'],
): Promise<Checked<VerifiedRound>> {
  const proved = checkVersionProof(proof, version, trust);
  if (!proved.ok) return proved;
  const { aggregate, plan, planDigest, roster } = proved.value;
  // A strategy's memory is as long after every version, and empty before the first.
  const bytes = plan.baseVersion === 0 ? plan.elements * 4 : proof.model.bytes;
  const baseRef: PayloadRef = { bytes, root: plan.base };
  const base = decodeVersion(await fetch(baseRef, undefined), plan.elements);
  if (!base.ok) return base;
  const { task } = trust.genesis;
  const { federation } = trust;
  const evidence = { federation, genesis: trust.genesis, roster, fetch };
  const sum = await recomputeSum({ plan, planDigest, aggregate }, base.value, evidence);
  if (!sum.ok) return sum;
  const { contributors, model, transcripts } = sum.value;
  const found = payloadRef(encodeVersion(model)).root;
  if (found !== proof.model.root) {
    return refused('equivocation', `the sum is ${found}, certified ${proof.model.root}`);
  }
  return checked({
    round: plan.round,
    version,
    model: found,
    aggregation: task.aggregation.mode,
    contributors,
    missing: aggregate.missing,
    votes: proof.certificate.signatures.length,
    survivorSignatures: transcripts.reduce((total, { signers }) => total + signers.length, 0),
    masksRemoved: transcripts.reduce((total, { masks }) => total + masks.length, 0),
    statistics: aggregate.statistics,
  });
}
