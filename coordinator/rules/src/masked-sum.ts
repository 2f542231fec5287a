// A masked round's evidence, checked and added up again: what a voter does before it votes, and what
// anyone does later with the same bytes.

import {
  type CheckedTranscript,
  type DecodedSum,
  groupsOf,
  objectionToSession,
  openTranscript,
  roundBeacon,
  type SessionPolicy,
  SessionSum,
  type TranscriptKeys,
} from '@starling/crypto';
import {
  bytesSchema,
  type Checked,
  checked,
  type Digest,
  decodeCanonical,
  fromMicros,
  type MaskedAggregation,
  type MemberId,
  type MissingMember,
  type PayloadRef,
  type RoundPlan,
  refused,
  SESSION_PARTICIPANTS_MAX,
  TRANSCRIPT_BYTES_MAX,
  z,
} from '@starling/shared';
import { NORM_TOLERANCE } from './check-update.ts';

export interface MaskedRound {
  readonly plan: RoundPlan;
  readonly planDigest: Digest;
  readonly policy: MaskedAggregation;
  readonly missing: readonly MissingMember[];
  /** What whoever checks demands besides; the defaults when absent. */
  readonly floors?: SessionPolicy;
}

const bundleSchema = z.array(bytesSchema).min(1).max(SESSION_PARTICIPANTS_MAX);

/**
 * Opens the transcripts of a round's groups: every one of this plan, its settings no weaker than
 * agreed, each member of the cohort a survivor or named as missing, once.
 */
export async function openTranscripts(
  bytes: Uint8Array,
  round: MaskedRound,
  keys: TranscriptKeys,
): Promise<Checked<CheckedTranscript[]>> {
  const decoded = decodeCanonical(bytes, TRANSCRIPT_BYTES_MAX);
  if (!decoded.ok) return refused(decoded.fault, decoded.detail);
  const bundle = bundleSchema.safeParse(decoded.value);
  if (!bundle.success) return refused('wrong-shape', 'is no list of transcripts');
  const { plan, planDigest, policy, missing } = round;
  const groups = groupsOf(plan.cohort, policy.groupSize, roundBeacon(plan.roster, plan.base));
  const opened: CheckedTranscript[] = [];
  for (const each of bundle.data) {
    const transcript = await openTranscript(each, keys);
    if (!transcript.ok) return transcript;
    const { announce } = transcript.value.session;
    const [member] = announce.participants;
    if (announce.plan !== planDigest || member === undefined) {
      return refused('unknown-plan', 'a transcript is of another plan');
    }
    const { session } = transcript.value;
    const objection = objectionToSession(session, member, policy, plan, round.floors);
    if (objection !== undefined) return { ok: false, refusal: objection };
    const group = groups[announce.group.index];
    const isOfGroup =
      announce.group.count === groups.length &&
      announce.group.index > (opened.at(-1)?.session.announce.group.index ?? -1) &&
      announce.participants.every((participant) => group?.includes(participant));
    if (!isOfGroup) return refused('wrong-shape', 'the groups are not those of the round');
    opened.push(transcript.value);
  }
  const survivors = opened.flatMap(({ inputs }) => inputs.map((input) => input.member));
  if (survivors.length < plan.updatesMin) {
    return refused('wrong-shape', `${survivors.length} updates, ${plan.updatesMin} needed`);
  }
  const named = [...survivors, ...missing.map(({ member }) => member)].sort();
  if (named.join() !== [...plan.cohort].sort().join()) {
    return refused('wrong-shape', 'the sum does not account for every member of the cohort once');
  }
  return checked(opened);
}

/** Adds a group's vectors, takes its masks off, and decodes the mean. */
export async function sumTranscript(
  transcript: CheckedTranscript,
  plan: RoundPlan,
  vectorOf: (member: MemberId, ref: PayloadRef) => Promise<Uint8Array>,
): Promise<Checked<DecodedSum>> {
  const sum = new SessionSum(transcript.session);
  for (const { body, member } of transcript.inputs) {
    const added = await sum.add(await vectorOf(member, body.payload));
    if (!added.ok) return added;
  }
  await sum.takeOff(transcript.masks);
  return await checkSum(transcript, sum, plan);
}

/**
 * A mean of clipped updates is no longer than the clipping norm. A longer one proves that a member
 * did not clip, though not which one. Noise may make it longer, so it is not asked of private sums.
 */
export async function checkSum(
  { session, centralNoise }: Pick<CheckedTranscript, 'session' | 'centralNoise'>,
  sum: SessionSum,
  plan: RoundPlan,
): Promise<Checked<DecodedSum>> {
  const decoded = await sum.decode(centralNoise);
  if (!decoded.ok || session.announce.noise !== null) return decoded;
  const rounding = Math.sqrt(plan.elements) * meanStep(session, decoded.value.weight);
  const normMax = fromMicros(plan.clippingNormMicros) * (1 + NORM_TOLERANCE) + rounding;
  let squares = 0;
  for (const value of decoded.value.mean) squares += value * value;
  const norm = Math.sqrt(squares);
  if (norm <= normMax) return decoded;
  return refused(
    'norm-exceeded',
    `the mean's norm is ${norm.toFixed(3)}, at most ${normMax.toFixed(3)}`,
  );
}

/** Largest error that rounding leaves in a coordinate of the mean; light weights lose bits in 2^32. */
function meanStep({ announce, numbers }: CheckedTranscript['session'], weight: number): number {
  const step = 2 ** -numbers.fractionBits;
  if (numbers.ring === 64) return step;
  return (step * announce.participants.length * numbers.weightMax) / weight;
}
