// One secure aggregation: what its announcement fixes, checked and derived once. Every member checks
// it alike, so a coordinator cannot lower a bound for one of them.

import {
  type Checked,
  checked,
  type Digest,
  type FederationId,
  fromMicros,
  type MemberId,
  refused,
  type SessionAnnounce,
} from '@starling/shared';
import { domainDigest } from '../digest.ts';
import { X_WING_PUBLIC_KEY_BYTES } from '../kem/x-wing.ts';
import { type FixedPoint, overflowOf } from './fixed-point.ts';
import { COMPLETE_PARTICIPANTS_MAX, neighbourhoods } from './graph.ts';
import { completeThreshold, corruptMax, findGraphParameters } from './graph-parameters.ts';
import { noiseProblemOf } from './session-noise.ts';

/** Holders of one secret: Shamir's field has 255 places. */
const SHARE_HOLDERS_MAX = 255;
/** Participants up to which one certificate of all holds; above, each asks its own neighbours. */
export const GLOBAL_CERTIFICATE_MAX = 128;

export interface Session {
  readonly id: Digest;
  readonly federation: FederationId;
  readonly announce: SessionAnnounce;
  /** How updates become ring elements. */
  readonly numbers: FixedPoint;
  /** Members that may collude with the coordinator. */
  readonly corrupt: number;
  /** Signatures of survivors that certify them. */
  readonly certificateMin: number;
  /** Neighbours of a participant, sorted; itself is not among them. */
  readonly neighbours: ReadonlyMap<MemberId, readonly MemberId[]>;
}

/** The name of a session: it binds the federation and every setting. */
export function sessionId(federation: FederationId, announceBytes: Uint8Array): Digest {
  return domainDigest('starling/psa1/session', Buffer.from(federation, 'hex'), announceBytes);
}

/**
 * Checks an announcement's inner consistency: sorted participants, the graph, threshold and number
 * of survivors that follow from its size, room in the ring. What a member accepts on top of that is
 * its policy's matter.
 */
export function openSession(
  federation: FederationId,
  announce: SessionAnnounce,
  announceBytes: Uint8Array,
): Checked<Session> {
  const { participants } = announce;
  const sorted = participants.every((each, i) => i === 0 || (participants[i - 1] ?? '') < each);
  if (!sorted) return refused('wrong-shape', 'participants are not sorted, once each');
  if (announce.coordinatorKey.byteLength !== X_WING_PUBLIC_KEY_BYTES) {
    return refused('wrong-shape', 'the coordinator key is no X-Wing public key');
  }
  const bounds = boundsOf(participants.length, announce);
  if (bounds === undefined) {
    return refused('not-permitted', 'no graph is safe for these corrupt and drop-out shares');
  }
  const { graph } = announce;
  const degree = graph.kind === 'complete' ? participants.length - 1 : graph.degree;
  for (const [what, claimed, expected] of [
    ['degree', degree, bounds.degree],
    ['threshold', announce.threshold, bounds.threshold],
    ['survivorsMin', announce.survivorsMin, bounds.survivorsMin],
  ] as const) {
    if (claimed !== expected) {
      return refused('not-permitted', `${what} is ${claimed}, ${expected} is required`);
    }
  }
  const numbers = numbersOf(announce);
  const overflow = overflowOf(numbers, participants.length);
  const problem = overflow ?? noiseProblemOf(announce, bounds.corrupt);
  if (problem !== undefined) return refused('not-permitted', problem);
  return checked({
    id: sessionId(federation, announceBytes),
    federation,
    announce,
    numbers,
    corrupt: bounds.corrupt,
    certificateMin: bounds.certificateMin,
    neighbours: neighbourhoods(graph, participants),
  });
}

export interface SessionBounds {
  readonly corrupt: number;
  readonly degree: number;
  readonly threshold: number;
  readonly survivorsMin: number;
  readonly certificateMin: number;
}

/**
 * Degree, threshold and survivors for a number of participants. Undefined when no graph is safe.
 * Complete graph: Bonawitz et al. 2017 with an active server, `t = ⌊(n+c)/2⌋+1`; above 100 the
 * parameters of SecAgg+ (Bell et al. 2020).
 */
export function boundsOf(
  participants: number,
  shares: Pick<SessionAnnounce, 'corruptMicros' | 'dropMicros'>,
): SessionBounds | undefined {
  const quorum = Math.floor((2 * participants) / 3) + 1;
  if (participants <= COMPLETE_PARTICIPANTS_MAX) {
    const corrupt = corruptAmong(participants, shares);
    const threshold = completeThreshold(participants, corrupt);
    const survivorsMin = Math.max(threshold, corrupt + 2, quorum);
    const degree = participants - 1;
    return { corrupt, degree, threshold, survivorsMin, certificateMin: quorum };
  }
  const corruptShare = fromMicros(shares.corruptMicros);
  const dropShare = fromMicros(shares.dropMicros);
  const found = findGraphParameters({ participants, corruptShare, dropShare, adversary: 'active' });
  if (found === undefined || found.degree >= SHARE_HOLDERS_MAX) return undefined;
  const corrupt = corruptAmong(participants, shares);
  const { degree, threshold } = found;
  const isGlobal = participants <= GLOBAL_CERTIFICATE_MAX;
  const present = participants - Math.floor(dropShare * participants);
  const survivorsMin = Math.max(threshold, corrupt + 2, isGlobal ? quorum : 0, present);
  return {
    corrupt,
    degree,
    threshold,
    survivorsMin,
    certificateMin: isGlobal ? quorum : survivorsMin,
  };
}

/** Members of a crowd that may collude: fewer than a third of a small one, an agreed share above. */
export function corruptAmong(
  members: number,
  { corruptMicros }: Pick<SessionAnnounce, 'corruptMicros'>,
): number {
  if (members <= COMPLETE_PARTICIPANTS_MAX) return corruptMax(members);
  return Math.floor(fromMicros(corruptMicros) * members);
}

/** The neighbours of a participant and itself, sorted: who holds a share of its secrets. */
export function shareholdersOf(session: Session, member: MemberId): MemberId[] {
  const near = session.neighbours.get(member) ?? [];
  const place = near.findIndex((each) => each > member);
  return place < 0 ? [...near, member] : near.toSpliced(place, 0, member);
}

function numbersOf(announce: SessionAnnounce): FixedPoint {
  return {
    ring: announce.ring,
    elements: announce.elements,
    fractionBits: announce.fractionBits,
    clip: fromMicros(announce.clipMicros),
    weightMax: announce.weightMax,
  };
}
