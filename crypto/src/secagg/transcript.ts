// A finished session as anyone can check it: from the signed statements, the opened secrets and the
// survivors' vectors the sum follows bit for bit, without trust in the coordinator.

import {
  type Checked,
  checked,
  decodeCanonical,
  encodeCanonical,
  type FederationId,
  type KeyAdvertisement,
  keyAdvertisement,
  type MaskedInput,
  type MemberId,
  type MessageDefinition,
  maskedInput,
  refused,
  type SessionTranscript,
  type SharePacket,
  type Survivors,
  sessionAnnounce,
  sessionTranscriptSchema,
  shareBundle,
  TRANSCRIPT_BYTES_MAX,
} from '@starling/shared';
import { digestOf } from '../digest.ts';
import { openMessage } from '../open-message.ts';
import { verifiedSigners } from './certificate.ts';
import type { CoordinatorState } from './coordinator-state.ts';
import { secretCommitment } from './derive.ts';
import type { Mask } from './masks.ts';
import { isInBundle } from './member-tasks.ts';
import type { OpenedSecrets } from './open-masks.ts';
import { type Pace, SIGNATURES_PER_TURN, yieldingPace } from './pace.ts';
import { phaseRoot, type Said } from './phase-root.ts';
import { openSession, type Session } from './session.ts';
import { vectorBytes } from './session-sum.ts';
import { decodeLeaf } from './share-packets.ts';
import { masksOfSum, wrapsNeeded } from './unmask-sum.ts';

export interface TranscriptKeys {
  readonly federation: FederationId;
  /** The coordinator's public key by its id; undefined for everyone else. */
  readonly coordinatorKeyOf: (member: MemberId) => Uint8Array | undefined;
  /** Public keys of the round's members. */
  readonly memberKeyOf: (member: MemberId) => Uint8Array | undefined;
}

/** What a checked transcript says: whose vectors to add, and what to take off. */
export interface CheckedTranscript {
  readonly session: Session;
  /** The survivors' signed headers, ordered by member. */
  readonly inputs: readonly Said<MaskedInput>[];
  readonly masks: readonly Mask[];
  readonly signers: readonly MemberId[];
  readonly centralNoise: Uint8Array | null;
  readonly announceFrame: Uint8Array;
}

/** Puts together what the coordinator publishes; bytes of the payload. */
export function encodeTranscript(
  state: CoordinatorState,
  announceFrame: Uint8Array,
  { selves, seeds }: OpenedSecrets,
  wraps: readonly SharePacket[],
  centralNoise: Uint8Array | null,
): Uint8Array {
  const sharers = state.announced.get('masking')?.members ?? [];
  const alive = state.announced.get('signing')?.members ?? [];
  const transcript: SessionTranscript = {
    announce: announceFrame,
    centralNoise,
    certificate: sorted(state.survivors).map(({ member, signature }) => ({ member, signature })),
    keys: sharers.flatMap((member) => state.keys.get(member)?.frame ?? []),
    masked: alive.flatMap((member) => state.masked.get(member)?.frame ?? []),
    seeds,
    selves,
    sharers: sharers.flatMap((member) => {
      const said = state.shares.get(member);
      return said === undefined ? [] : [{ digest: said.digest, member }];
    }),
    wraps: [...wraps],
  };
  return encodeCanonical(transcript);
}

/**
 * Checks a transcript down to the last signature. The sum itself is checked by adding the survivors'
 * vectors, taking the masks off and comparing the model.
 */
export async function openTranscript(
  bytes: Uint8Array,
  keys: TranscriptKeys,
  pace: Pace = yieldingPace,
): Promise<Checked<CheckedTranscript>> {
  const decoded = decodeCanonical(bytes, TRANSCRIPT_BYTES_MAX);
  if (!decoded.ok) return refused(decoded.fault, decoded.detail);
  const parsed = sessionTranscriptSchema.safeParse(decoded.value);
  if (!parsed.success) return refused('wrong-shape', 'is no transcript of a session');
  const transcript = parsed.data;
  const opened = openMessage(transcript.announce, sessionAnnounce, {
    federation: keys.federation,
    nowMs: 0,
    keyOf: keys.coordinatorKeyOf,
  });
  if (!opened.ok) return opened;
  const { body, bodyBytes } = opened.value;
  const session = openSession(keys.federation, body, bodyBytes);
  if (!session.ok) return session;
  const advertised = await openAll(transcript.keys, keyAdvertisement, session.value, keys, pace);
  if (!advertised.ok) return advertised;
  const inputs = await openAll(transcript.masked, maskedInput, session.value, keys, pace);
  if (!inputs.ok) return inputs;
  const survivors = await checkSurvivors(transcript, session.value, inputs.value, keys, pace);
  if (!survivors.ok) return survivors;
  const objection = objectionToSecrets(
    transcript,
    session.value,
    advertised.value,
    survivors.value,
  );
  if (objection !== undefined) return refused('wrong-shape', objection);
  const masks = await checkMasks(transcript, session.value, keys, pace);
  if (!masks.ok) return masks;
  return checked({
    session: session.value,
    inputs: inputs.value,
    masks: masks.value,
    signers: transcript.certificate.map(({ member }) => member),
    centralNoise: transcript.centralNoise,
    announceFrame: transcript.announce,
  });
}

/** Statements of participants, in ascending order, once each. */
async function openAll<T extends { readonly session: string }>(
  frames: readonly Uint8Array[],
  definition: MessageDefinition<T>,
  session: Session,
  keys: TranscriptKeys,
  pace: Pace,
): Promise<Checked<Said<T>[]>> {
  const { federation, memberKeyOf: keyOf } = keys;
  const said: Said<T>[] = [];
  for (const [i, frame] of frames.entries()) {
    if (i % SIGNATURES_PER_TURN === SIGNATURES_PER_TURN - 1) await pace.pause();
    const opened = openMessage<T>(frame, definition, { federation, nowMs: 0, keyOf });
    if (!opened.ok) return opened;
    const { body, bodyBytes, sender } = opened.value;
    if (body.session !== session.id) return refused('stale-round', 'a frame of another session');
    if (sender <= (said.at(-1)?.member ?? '')) {
      return refused('wrong-shape', `${definition.type} are not ordered by member, once each`);
    }
    if (!session.announce.participants.includes(sender)) {
      return refused('not-in-cohort', `${sender} is no participant`);
    }
    said.push({ member: sender, body, digest: digestOf(bodyBytes), frame });
  }
  return checked(said);
}

async function checkSurvivors(
  transcript: SessionTranscript,
  session: Session,
  inputs: readonly Said<MaskedInput>[],
  keys: TranscriptKeys,
  pace: Pace,
): Promise<Checked<Survivors>> {
  const sharers = phaseRoot(session.id, 'masking', transcript.sharers);
  const survivors: Survivors = {
    members: inputs.map(({ member }) => member),
    root: phaseRoot(session.id, 'signing', inputs),
    session: session.id,
    sharers,
  };
  if (inputs.some(({ body }) => body.sharers !== sharers)) {
    return refused('wrong-shape', 'a vector is masked for another set of members');
  }
  const bytes = vectorBytes(session);
  const odd = inputs.find(({ body }) => body.payload.bytes !== bytes);
  if (odd !== undefined) {
    const found = odd.body.payload.bytes;
    return refused('wrong-dimension', `a vector of ${found} bytes, ${bytes} expected`);
  }
  if (inputs.length < session.announce.survivorsMin) {
    return refused('not-permitted', `${inputs.length} survivors are too few`);
  }
  const { certificate } = transcript;
  const signers = await verifiedSigners(session, survivors, certificate, keys.memberKeyOf, pace);
  const isOrdered = certificate.every(({ member }, i) => signers[i] === member);
  if (!isOrdered || signers.length < session.certificateMin) {
    const detail = `${signers.length} of ${certificate.length} signatures certify the survivors`;
    return refused('bad-signature', `${detail}, ${session.certificateMin} are needed`);
  }
  return checked(survivors);
}

function objectionToSecrets(
  transcript: SessionTranscript,
  session: Session,
  advertised: readonly Said<KeyAdvertisement>[],
  survivors: Survivors,
): string | undefined {
  const sharers = transcript.sharers.map(({ member }) => member);
  if (advertised.map(({ member }) => member).join() !== sharers.join()) {
    return 'the keys are not those of the members that shared';
  }
  const alive = new Set(survivors.members);
  const dropped = sharers.filter((member) => !alive.has(member));
  const expected = { self: survivors.members, seed: dropped } as const;
  for (const kind of ['self', 'seed'] as const) {
    const opened = kind === 'self' ? transcript.selves : transcript.seeds;
    if (opened.map(({ member }) => member).join() !== expected[kind].join()) {
      return `${kind} secrets of other members than needed are opened`;
    }
    for (const { member, secret } of opened) {
      const body = advertised.find((each) => each.member === member)?.body;
      const claimed = kind === 'self' ? body?.selfCommitment : body?.seedCommitment;
      if (secretCommitment(kind, session.id, member, secret) !== claimed) {
        return `the opened ${kind} secret of ${member} is not the committed one`;
      }
    }
  }
  return undefined;
}

/** The wraps stand in trees that their dealers signed. */
async function checkMasks(
  transcript: SessionTranscript,
  session: Session,
  keys: TranscriptKeys,
  pace: Pace,
): Promise<Checked<Mask[]>> {
  const { federation, memberKeyOf: keyOf } = keys;
  const digests = new Map(transcript.sharers.map(({ member, digest }) => [member, digest]));
  const survivors = transcript.selves.map(({ member }) => member);
  const needed = wrapsNeeded(session, [...digests.keys()], survivors);
  if (transcript.wraps.length !== needed.length) {
    return refused('wrong-shape', `${transcript.wraps.length} wraps, ${needed.length} needed`);
  }
  const wraps = new Map<string, Uint8Array>();
  for (const [i, packet] of transcript.wraps.entries()) {
    if (i % SIGNATURES_PER_TURN === SIGNATURES_PER_TURN - 1) await pace.pause();
    const opened = openMessage(packet.frame, shareBundle, { federation, nowMs: 0, keyOf });
    if (!opened.ok) return opened;
    const { body, bodyBytes, sender } = opened.value;
    const isShared = digests.get(sender) === digestOf(bodyBytes);
    if (!isShared || !isInBundle({ ...packet, body })) {
      return refused('wrong-shape', `a wrap of ${sender} is not what it signed`);
    }
    const leaf = decodeLeaf(packet.leaf);
    if (!leaf.ok) return leaf;
    if (needed[i]?.survivor !== sender || needed[i]?.dropped !== leaf.value.recipient) {
      return refused('wrong-shape', `the wrap of ${sender} is for nobody that dropped out`);
    }
    wraps.set(`${sender} ${leaf.value.recipient}`, packet.leaf);
  }
  const wrapOf = (survivor: MemberId, dropped: MemberId) => wraps.get(`${survivor} ${dropped}`);
  return masksOfSum(session, transcript, wrapOf, pace);
}

function sorted<T extends { readonly member: MemberId }>(said: ReadonlyMap<MemberId, T>): T[] {
  return [...said.values()].sort((a, b) => (a.member < b.member ? -1 : 1));
}
