// A rollback as a voter checks it: the evidence proves the version that the plan names, and the model
// is exactly that version's. Nothing is computed, and nothing is taken on the coordinator's word.

import { decodeVersion, type RosterTrust, type VersionModel } from '@starling/rules';
import {
  type Checked,
  decodeCanonical,
  finalVersionSchema,
  type RoundPlan,
  refused,
} from '@starling/shared';
import { checkVersionProof } from './check-version-proof.ts';
import type { SumEvidence } from './recompute-sum.ts';
import type { Ballot } from './voting.ts';

/** Largest proof of a version: a certificate and a roster of every member, a plan and a sum. */
const PROOF_BYTES_MAX = 2 * 1024 * 1024;

/** The certified model that the plan restores, or why this is none. */
export async function restoredVersion(
  { aggregate, plan }: Ballot,
  { model, version }: NonNullable<RoundPlan['restores']>,
  trust: Pick<RosterTrust, 'federation' | 'genesis'>,
  fetch: SumEvidence['fetch'],
): Promise<Checked<VersionModel>> {
  if (version > plan.baseVersion) {
    return refused('wrong-shape', `version ${version} is not before version ${plan.baseVersion}`);
  }
  if (aggregate.model.root !== model.root || aggregate.model.bytes !== model.bytes) {
    return refused('equivocation', 'the sum is another model than the plan restores');
  }
  if (aggregate.updates.bytes > PROOF_BYTES_MAX) {
    return refused('oversized', `a proof of ${aggregate.updates.bytes} bytes`);
  }
  const decoded = decodeCanonical(await fetch(aggregate.updates, undefined), PROOF_BYTES_MAX);
  const proof = decoded.ok ? finalVersionSchema.safeParse(decoded.value) : undefined;
  if (!proof?.success) return refused('wrong-shape', 'the evidence proves no version');
  const proved = checkVersionProof(proof.data, version, trust);
  if (!proved.ok) return proved;
  if (proof.data.model.root !== model.root) {
    return refused('equivocation', `version ${version} is ${proof.data.model.root}`);
  }
  return decodeVersion(await fetch(model, undefined), plan.elements);
}
