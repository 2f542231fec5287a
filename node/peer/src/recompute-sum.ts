// A round's model computed again from its evidence: what a voter does before it votes, and what
// anyone does later. Plain rounds give every update, masked ones the transcript and the vectors.

import {
  type CheckedTranscript,
  type DecodedSum,
  openMessage,
  type SessionPolicy,
} from '@starling/crypto';
import {
  checkUpdateHeader,
  checkUpdatePayload,
  discountLate,
  isSameStatistics,
  type MemberUpdate,
  nextVersion,
  openTranscripts,
  stalenessOf,
  sumStatistics,
  sumTranscript,
  type VersionModel,
} from '@starling/rules';
import type {
  FederationId,
  Genesis,
  MaskedAggregation,
  MemberId,
  ModelUpdate,
  Opened,
  PayloadRef,
  Refusal,
  Roster,
  RosterMember,
  RoundPlan,
} from '@starling/shared';
import {
  type Checked,
  checked,
  decodeCanonical,
  ENVELOPE_OVERHEAD_BYTES,
  modelUpdate,
  ROSTER_MEMBERS_MAX,
  refused,
  TRANSCRIPT_BYTES_MAX,
} from '@starling/shared';
import { restoredVersion } from './restored-version.ts';
import type { Ballot } from './voting.ts';

/** Largest bundle of update frames: one of every member. */
const BUNDLE_BYTES_MAX =
  ROSTER_MEMBERS_MAX * (modelUpdate.bodyBytesMax + ENVELOPE_OVERHEAD_BYTES) + 1024;

export interface SumEvidence {
  readonly federation: FederationId;
  readonly genesis: Genesis;
  /** The roster that the plan names. */
  readonly roster: Pick<Roster, 'members'>;
  /** What whoever computes demands besides what was agreed. */
  readonly floors?: SessionPolicy;
  /** A payload; its author is asked first. @throws {PayloadError} */
  readonly fetch: (ref: PayloadRef, author: MemberId | undefined) => Promise<Uint8Array>;
}

export interface RecomputedSum {
  readonly model: VersionModel;
  /** Members whose updates are in it, sorted. */
  readonly contributors: readonly MemberId[];
  /** The groups' transcripts; none of a plain round. */
  readonly transcripts: readonly CheckedTranscript[];
}

/** The version that the evidence gives, or why it gives none. */
export function recomputeSum(
  ballot: Ballot,
  base: VersionModel,
  evidence: SumEvidence,
): Promise<Checked<RecomputedSum>> {
  const { restores } = ballot.plan;
  if (restores !== undefined) return recomputeRestored(ballot, restores, evidence);
  const { aggregation } = evidence.genesis.task;
  return aggregation.mode === 'masked'
    ? recomputeMasked(ballot, base, aggregation, evidence)
    : recomputePlain(ballot, base, evidence);
}

async function recomputeRestored(
  ballot: Ballot,
  restores: NonNullable<RoundPlan['restores']>,
  evidence: SumEvidence,
): Promise<Checked<RecomputedSum>> {
  const model = await restoredVersion(ballot, restores, evidence, evidence.fetch);
  if (!model.ok) return model;
  return checked({ model: model.value, contributors: [], transcripts: [] });
}

/** Checks every group's transcript, adds the masked vectors and takes the masks off. */
async function recomputeMasked(
  { aggregate, plan, planDigest }: Ballot,
  base: VersionModel,
  policy: MaskedAggregation,
  evidence: SumEvidence,
): Promise<Checked<RecomputedSum>> {
  if (aggregate.updates.bytes > TRANSCRIPT_BYTES_MAX) {
    return refused('oversized', `transcripts of ${aggregate.updates.bytes} bytes`);
  }
  const { federation, fetch, floors } = evidence;
  const bytes = await fetch(aggregate.updates, undefined);
  const round = { plan, planDigest, policy, missing: aggregate.missing };
  const transcripts = await openTranscripts(
    bytes,
    floors === undefined ? round : { ...round, floors },
    {
      federation,
      coordinatorKeyOf: (member) => keyOf(evidence, member, 'coordinator'),
      memberKeyOf: (member) => keyOf(evidence, member, 'peer'),
    },
  );
  if (!transcripts.ok) return transcripts;
  const groups: DecodedSum[] = [];
  for (const transcript of transcripts.value) {
    const sum = await sumTranscript(transcript, plan, (member, ref) => fetch(ref, member));
    if (!sum.ok) return sum;
    groups.push(sum.value);
  }
  if (!isSameStatistics(sumStatistics(groups), aggregate.statistics)) {
    return refused('equivocation', 'the sum tells other statistics than claimed');
  }
  const contributors = transcripts.value.flatMap(({ inputs }) => inputs.map((each) => each.member));
  const sums = groups.map((sum, i) => ({ sum, members: transcripts.value[i]?.inputs.length ?? 0 }));
  const next = await nextVersion(evidence.genesis.task, plan, base, { kind: 'sums', groups: sums });
  if (!next.ok) return next;
  return checked({
    model: next.value,
    contributors: contributors.sort(),
    transcripts: transcripts.value,
  });
}

async function recomputePlain(
  ballot: Ballot,
  base: VersionModel,
  evidence: SumEvidence,
): Promise<Checked<RecomputedSum>> {
  const { aggregate, plan } = ballot;
  if (aggregate.updates.bytes > BUNDLE_BYTES_MAX) {
    return refused('oversized', `a bundle of ${aggregate.updates.bytes} bytes`);
  }
  const bundle = await evidence.fetch(aggregate.updates, undefined);
  const updates = openBundle(bundle, ballot, evidence);
  if (!updates.ok) return updates;
  if (updates.value.length < plan.updatesMin) {
    return refused('wrong-shape', `${updates.value.length} updates, ${plan.updatesMin} needed`);
  }
  const contributors = updates.value.map(({ sender }) => sender);
  const named = [...contributors, ...aggregate.missing.map(({ member }) => member)];
  if (named.sort().join() !== [...plan.cohort].sort().join()) {
    return refused('wrong-shape', 'the sum does not account for every member of the cohort once');
  }
  let objection: Refusal | undefined;
  // One update after the other: never all of a round in memory.
  const fetched = async function* (): AsyncGenerator<MemberUpdate> {
    for (const { body, sender } of updates.value) {
      const payload = checkUpdatePayload(await evidence.fetch(body.payload, sender), plan);
      if (!payload.ok) {
        objection = payload.refusal;
        return;
      }
      const staleness = stalenessOf(plan, sender, body.base) ?? 0;
      const delta = discountLate(payload.value, staleness);
      yield { member: sender, examples: body.examples, delta };
    }
  };
  const contributions = { kind: 'updates', updates: fetched() } as const;
  const next = await nextVersion(evidence.genesis.task, plan, base, contributions);
  if (objection !== undefined) return { ok: false, refusal: objection };
  if (!next.ok) return next;
  return checked({ model: next.value, contributors, transcripts: [] });
}

function openBundle(
  bytes: Uint8Array,
  { plan, planDigest }: Ballot,
  evidence: SumEvidence,
): Checked<Opened<ModelUpdate>[]> {
  const decoded = decodeCanonical(bytes, bytes.byteLength);
  if (!decoded.ok) return refused(decoded.fault, decoded.detail);
  if (!Array.isArray(decoded.value)) return refused('wrong-shape', 'the bundle is no list');
  const opened: Opened<ModelUpdate>[] = [];
  for (const frame of decoded.value) {
    if (!(frame instanceof Uint8Array)) return refused('wrong-shape', 'a frame is no bytes');
    const update = openMessage(frame, modelUpdate, {
      federation: evidence.federation,
      nowMs: 0,
      keyOf: (sender) => keyOf(evidence, sender, 'peer'),
    });
    if (!update.ok) return update;
    const { body, sender } = update.value;
    const objection = checkUpdateHeader(body, sender, plan, planDigest);
    if (objection !== undefined) return { ok: false, refusal: objection };
    const previous = opened.at(-1)?.sender;
    if (previous !== undefined && sender <= previous) {
      return refused('wrong-shape', 'updates are not ordered by member, once each');
    }
    opened.push(update.value);
  }
  return checked(opened);
}

function keyOf(
  { roster }: SumEvidence,
  member: MemberId,
  role: RosterMember['role'],
): Uint8Array | undefined {
  return roster.members.find((each) => each.member === member && each.role === role)?.publicKey;
}
