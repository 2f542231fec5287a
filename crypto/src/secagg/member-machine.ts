// A member's side of PSA-1: (state, event) → (state, effects). It never takes the coordinator's word
// for a bound, opens one kind of secret for each member once, and only under a certificate that a
// quorum of survivors signed.

import {
  type Digest,
  encodeCanonical,
  type KeyAdvertisement,
  type MemberId,
  type SessionPhase,
  type Survivors,
} from '@starling/shared';
import { digestOf } from '../digest.ts';
import type { RandomSource } from '../random-source.ts';
import { edgeSecret, pairMaskSeed, selfMaskSeed } from './derive.ts';
import type { Mask } from './masks.ts';
import { aborted, erased, framesOf } from './member-abort.ts';
import { advertisementOf, createMemberKeys } from './member-keys.ts';
import { onCertificate } from './member-reveal.ts';
import type {
  MemberEffect,
  MemberEvent,
  MemberPhase,
  MemberState,
  MemberStep,
  ReceivedPacket,
} from './member-state.ts';
import { bundleOf } from './member-tasks.ts';
import { objectionToPhase } from './objection-to-phase.ts';
import { phaseRoot, survivorsDigest } from './phase-root.ts';
import type { Session } from './session.ts';

/** Draws a member's keys for a session and says them (R0). */
export function beginMember(session: Session, member: MemberId, random: RandomSource): MemberStep {
  const keys = createMemberKeys(session, member, random);
  const advertisement = advertisementOf(session, member, keys);
  const state: MemberState = {
    phase: 'keys-sent',
    session,
    member,
    keys,
    advertisement,
    accepted: new Map(),
    neighbours: new Map(),
    dealt: new Map(),
    opened: new Map(),
    input: undefined,
    survivors: undefined,
    abort: undefined,
  };
  return { state, effects: [{ kind: 'say-keys', body: advertisement }] };
}

/** What an event makes of a member. An event that is out of place changes nothing. */
export function stepMember(state: MemberState, event: MemberEvent): MemberStep {
  if (state.phase === 'aborted' || state.phase === 'done') return same(state);
  switch (event.kind) {
    case 'phase':
      return onPhase(state, event.body, event.frame);
    case 'keys':
      return onKeys(state, event);
    case 'sealed':
      return onSealed(state, event.dealt, event.leaves);
    case 'malformed-key':
      return complainOfKey(state, event.accused);
    case 'packets':
      return onPackets(state, event.packets);
    case 'opened':
      return onOpened(state, event.opened);
    case 'faulty-packet':
      return complain(state, event.accused, event.reason, event.detail, event.evidence);
    case 'masked':
      return onMasked(state, event);
    case 'inputs':
      return onInputs(state, event.digests);
    case 'spent':
      return onSpent(state);
    case 'spent-before':
      return aborted(state, 'spent', event.detail, framesOf(state, 'signing'));
    case 'certificate':
      return onCertificate(state, event.signers);
    case 'finished':
      return { state: { ...erased(state), phase: 'done' }, effects: [] };
    case 'abort':
      return aborted(state, event.reason, event.detail, event.evidence);
  }
}

const NONE = '' as Digest;

/** The phase a member must be in when the coordinator announces the next one. */
const BEFORE: Readonly<Record<SessionPhase['phase'], MemberPhase>> = Object.freeze({
  sharing: 'keys-sent',
  masking: 'shares-sent',
  signing: 'masked-sent',
  unmasking: 'signed',
});

function onPhase(state: MemberState, body: SessionPhase, frame: Uint8Array): MemberStep {
  const known = state.accepted.get(body.phase);
  if (known !== undefined) {
    const isSame =
      known.body.root === body.root && known.body.members.join() === body.members.join();
    if (isSame) return same(state);
    const detail = `two announcements of the phase ${body.phase}`;
    return aborted(state, 'equivocation', detail, [known.frame, frame]);
  }
  if (state.phase !== BEFORE[body.phase]) {
    const detail = `${body.phase} was announced in the phase ${state.phase}`;
    return aborted(state, 'out-of-order', detail, [frame]);
  }
  const objection = objectionToPhase(state, body);
  if (objection !== undefined) return aborted(state, objection.reason, objection.detail, [frame]);
  const accepted = new Map(state.accepted).set(body.phase, { body, frame });
  return { state: { ...state, accepted }, effects: [{ kind: 'fetch', phase: body.phase }] };
}

/** The survivors' vectors: the root that is signed must hold this member's own. */
function onInputs(state: MemberState, digests: readonly Digest[]): MemberStep {
  const { input, session } = state;
  const signing = state.accepted.get('signing')?.body;
  if (signing === undefined || input === undefined || state.survivors !== undefined) {
    return same(state);
  }
  const announced = framesOf(state, 'signing');
  const said = signing.members.map((member, i) => ({ member, digest: digests[i] ?? NONE }));
  if (phaseRoot(session.id, 'signing', said) !== signing.root) {
    const detail = 'the vectors are not those that were announced';
    return aborted(state, 'split-view', detail, announced);
  }
  const sharers = rootOf(state, 'masking');
  const own = digestOf(encodeCanonical(input));
  if (said.find(({ member }) => member === state.member)?.digest !== own) {
    const detail = 'another vector stands under our name';
    return aborted(state, 'own-message-changed', detail, announced);
  }
  const { members, root } = signing;
  const survivors: Survivors = { members, root, session: session.id, sharers };
  const digest = survivorsDigest(survivors);
  return {
    state: { ...state, survivors },
    effects: [{ kind: 'record-spent', survivors, digest }],
  };
}

/** R0 of the neighbours that are in, held against the root that the coordinator signed. */
function onKeys(state: MemberState, event: MemberEvent & { kind: 'keys' }): MemberStep {
  const sharing = state.accepted.get('sharing')?.body;
  if (sharing === undefined || state.phase !== 'keys-sent') return same(state);
  const announced = framesOf(state, 'sharing');
  const said = sharing.members.map((member, i) => ({ member, digest: event.digests[i] ?? NONE }));
  if (phaseRoot(state.session.id, 'sharing', said) !== sharing.root) {
    const frames = [...announced, ...event.said.map(({ frame }) => frame)];
    return aborted(state, 'split-view', 'the keys are not those that were announced', frames);
  }
  const digests = new Map(said.map(({ member, digest }) => [member, digest]));
  if (digests.get(state.member) !== digestOf(encodeCanonical(state.advertisement))) {
    return aborted(state, 'own-message-changed', 'other keys stand under our name', announced);
  }
  const near = new Set(state.session.neighbours.get(state.member));
  const neighbours = new Map<MemberId, KeyAdvertisement>();
  const seen = new Set([
    nameOf(state.advertisement.channelKey),
    nameOf(state.advertisement.maskKey),
  ]);
  for (const { body, digest, frame, member } of event.said) {
    if (!near.has(member)) continue;
    if (digests.get(member) !== digest || body.session !== state.session.id) {
      const detail = `${member} is said to have sent other keys`;
      return aborted(state, 'split-view', detail, [...announced, frame]);
    }
    for (const key of [body.channelKey, body.maskKey].map(nameOf)) {
      if (seen.has(key)) return aborted(state, 'key-reused', `a key of ${member}`, [frame]);
      seen.add(key);
    }
    neighbours.set(member, body);
  }
  const missing = sharing.members.find((each) => near.has(each) && !neighbours.has(each));
  if (missing !== undefined) {
    return aborted(state, 'split-view', `no keys of ${missing}`, announced);
  }
  const task = { kind: 'seal', recipients: neighbours } as const;
  return { state: { ...state, neighbours }, effects: [{ kind: 'compute', task }] };
}

function onSealed(
  state: MemberState,
  dealt: MemberState['dealt'],
  leaves: readonly Uint8Array[],
): MemberStep {
  if (state.phase !== 'keys-sent' || state.neighbours.size === 0) return same(state);
  const body = bundleOf(state.session.id, rootOf(state, 'sharing'), leaves);
  return {
    state: { ...state, phase: 'shares-sent', dealt },
    effects: [{ kind: 'say-shares', body, leaves }],
  };
}

function onPackets(state: MemberState, packets: readonly ReceivedPacket[]): MemberStep {
  const masking = state.accepted.get('masking')?.body;
  if (masking === undefined || state.phase !== 'shares-sent') return same(state);
  const sharers = new Set(masking.members);
  const expected = [...state.neighbours.keys()].filter((each) => sharers.has(each));
  const missing = expected.find((each) => !packets.some(({ member }) => member === each));
  if (missing !== undefined) {
    const frames = framesOf(state, 'masking');
    return complain(state, missing, 'packet-missing', 'no packet came from it', frames);
  }
  const wanted = packets.filter(({ member }) => expected.includes(member));
  return {
    state,
    effects: [{ kind: 'compute', task: { kind: 'open', packets: wanted } }],
  };
}

function onOpened(state: MemberState, opened: MemberState['opened']): MemberStep {
  if (state.phase !== 'shares-sent' || opened.size === 0) return same(state);
  const { session, member, keys } = state;
  const masks: Mask[] = [{ seed: selfMaskSeed(keys.self, session.id, member), sign: 1 }];
  for (const [other, { edge }] of opened) {
    const isLower = member < other;
    const [lower, higher] = isLower ? [member, other] : [other, member];
    const value = isLower ? edgeSecret(keys.seed, session.id, lower, higher) : edge;
    if (value === undefined) return aborted(state, 'faulty-packet', `no pair value with ${other}`);
    const seed = pairMaskSeed(value, session.id, lower, higher);
    masks.push({ seed, sign: isLower ? 1 : -1 });
  }
  return { state: { ...state, opened }, effects: [{ kind: 'mask', masks }] };
}

function onMasked(state: MemberState, event: MemberEvent & { kind: 'masked' }): MemberStep {
  if (state.phase !== 'shares-sent') return same(state);
  const { commitment, payload } = event;
  const { id: session } = state.session;
  const input = { commitment, payload, session, sharers: rootOf(state, 'masking') };
  return {
    state: { ...state, phase: 'masked-sent', input },
    effects: [{ kind: 'say-masked', body: input }],
  };
}

function onSpent(state: MemberState): MemberStep {
  const { survivors } = state;
  if (state.phase !== 'masked-sent' || survivors === undefined) return same(state);
  return {
    state: { ...state, phase: 'signed' },
    effects: [{ kind: 'say-survivors', body: survivors }],
  };
}

function complainOfKey(state: MemberState, accused: MemberId): MemberStep {
  const frames = framesOf(state, 'sharing');
  return complain(state, accused, 'packet-mismatch', 'its key is malformed', frames);
}

function complain(
  state: MemberState,
  accused: MemberId,
  reason: (MemberEffect & { kind: 'say-complaint' })['body']['reason'],
  detail: string,
  evidence: readonly Uint8Array[],
): MemberStep {
  const body = { accused, reason, session: state.session.id };
  const step = aborted(state, 'faulty-packet', `${accused}: ${detail}`, evidence);
  return { ...step, effects: [{ kind: 'say-complaint', body }, ...step.effects] };
}

function nameOf(key: Uint8Array): string {
  return Buffer.from(key).toString('latin1');
}

function rootOf(state: MemberState, phase: SessionPhase['phase']): SessionPhase['root'] {
  const accepted = state.accepted.get(phase);
  if (accepted === undefined) throw new TypeError(`the phase ${phase} was not accepted`);
  return accepted.body.root;
}

function same(state: MemberState): MemberStep {
  return { state, effects: [] };
}
