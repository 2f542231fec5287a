// A model version's one place in the history. The certificate of its voters makes it usable; the
// chain refuses a second one on the same base.

import {
  type Checked,
  checked,
  decodeCanonical,
  type ModelEntry,
  type ModelVote,
  modelVote,
  refused,
} from '@starling/shared';
import { verifyCertificate } from '../certificate.ts';
import { type ChainState, kept, modelKey } from './chain-state.ts';
import type { SignedClaim } from './claims.ts';
import type { DigestOf, Membership } from './membership.ts';
import type { StateChange } from './state-change.ts';

/** The change that this version makes, or why it is not included. Its signatures are checked. */
export function includeModel(
  { baseVersion, certificate, membership, model, version }: ModelEntry,
  state: ChainState,
  { digestOf, isSigned }: { digestOf: DigestOf; isSigned: (claim: SignedClaim) => boolean },
): Checked<StateChange> {
  const vote = votedIn(certificate.body);
  if (!vote.ok) return vote;
  const { base, model: digest, plan, round } = vote.value;
  if (version !== baseVersion + 1 || vote.value.version !== version) {
    return refused(
      'wrong-shape',
      `version ${version} on ${baseVersion}, voted ${vote.value.version}`,
    );
  }
  const record = {
    base,
    baseVersion,
    digest,
    height: state.tip.height + 1,
    model,
    plan,
    round,
    version,
  };
  const clash = clashOf(record, state);
  if (clash !== undefined) return clash;
  const voters = votersOf(membership, state);
  if (voters === undefined) return refused('stale-epoch', `members ${membership} are not known`);
  const verdict = verifyCertificate(certificate, {
    voters: voters.members.map(({ member }) => member),
    verify: (member, body, signature) => isSigned({ body, member, signature, type: 'model-vote' }),
  });
  if (!verdict.ok) {
    const reason = verdict.reason === 'too-few' ? 'too-few' : 'bad-signature';
    return refused(reason, `${verdict.reason}: ${verdict.detail}`);
  }
  return checked({ model: kept(record, digestOf) });
}

function votedIn(body: Uint8Array): Checked<ModelVote> {
  const decoded = decodeCanonical(body, modelVote.bodyBytesMax);
  if (!decoded.ok) return refused(decoded.fault, `model-vote: ${decoded.detail}`);
  const parsed = modelVote.schema.safeParse(decoded.value);
  if (!parsed.success) return refused('wrong-shape', 'the certificate is for no model-vote');
  return checked(parsed.data);
}

interface Version {
  readonly base: string;
  readonly baseVersion: number;
  readonly digest: string;
  readonly model: string;
  readonly version: number;
}

/** Versions come in any order, but each stands on the one before it where that is known. */
function clashOf(
  { base, baseVersion, digest, model, version }: Version,
  { modelFloor, models }: ChainState,
): Checked<never> | undefined {
  if (baseVersion < modelFloor) return refused('stale-round', `bases below ${modelFloor} are gone`);
  const standing = models.get(modelKey(model, baseVersion))?.record;
  if (standing !== undefined) {
    if (standing.digest === digest) return refused('duplicate', `version ${version} stands`);
    return refused('conflict', `version ${version} on ${baseVersion} is ${standing.digest}`);
  }
  const before = models.get(modelKey(model, baseVersion - 1))?.record;
  if (before !== undefined && before.digest !== base) {
    return refused('conflict', `its base is not version ${baseVersion}`);
  }
  const after = models.get(modelKey(model, version))?.record;
  if (after !== undefined && after.base !== digest) {
    return refused('conflict', `version ${after.version} does not stand on it`);
  }
  return undefined;
}

function votersOf(digest: string, { membership, previous }: ChainState): Membership | undefined {
  if (digest === membership.digest) return membership;
  return digest === previous?.digest ? previous : undefined;
}
