// A roster as people and programs read it, and what sets one apart from the one before.

import type {
  Digest,
  FederationId,
  MemberId,
  RevokedMember,
  Roster,
  RosterMember,
} from '@starling/shared';
import type { FederationState } from '../federation-state.ts';
import { entryOf } from './check-roster.ts';
import { type OpenedRoster, type RosterTrust, readRoster } from './open-roster.ts';

export interface RosterChangeView {
  readonly kind: 'admitted' | 'rotated' | 'moved' | 'bound' | 'lapsed' | 'revoked';
  readonly site: string;
  readonly member: MemberId;
  /** For people: what exactly changed. */
  readonly detail: string;
}

export interface RosterView {
  readonly federation: FederationId;
  readonly name: string;
  readonly administrators: readonly MemberId[];
  readonly threshold: number;
  /** The roster in force; null before the first one is signed. */
  readonly roster: {
    readonly seq: number;
    readonly epoch: number;
    readonly digest: Digest;
    readonly previous: Digest | null;
    readonly notAfterMs: number;
    readonly signers: readonly MemberId[];
    /** Without public keys. */
    readonly members: readonly Omit<RosterMember, 'publicKey'>[];
    readonly revoked: readonly RevokedMember[];
  } | null;
  /** The next roster, when it waits for signatures or for a round to close. */
  readonly proposal: ProposalView | null;
}

export interface ProposalView {
  readonly seq: number;
  readonly digest: Digest;
  readonly notAfterMs: number;
  readonly signers: readonly MemberId[];
  readonly changes: readonly RosterChangeView[];
}

/** What a coordinator knows of its rosters. */
export function viewFederation(state: FederationState): RosterView {
  const { proposal, roster, rosterDigest, rosterFrames } = state;
  const frame = rosterFrames.get(rosterDigest);
  const proposed =
    proposal === undefined
      ? undefined
      : {
          seq: proposal.body.seq,
          digest: proposal.bodyDigest,
          notAfterMs: proposal.body.notAfterMs,
          signers: [...proposal.signatures.keys()].sort(),
          changes: rosterChanges(roster, proposal.body),
        };
  return viewRoster(state, frame === undefined ? undefined : readRoster(frame), proposed);
}

export function viewRoster(
  { federation, genesis }: RosterTrust,
  roster: OpenedRoster | undefined,
  proposal: ProposalView | undefined,
): RosterView {
  return {
    federation,
    name: genesis.name,
    administrators: genesis.administrators.map(({ member }) => member),
    threshold: genesis.threshold,
    roster: roster === undefined ? null : describeRoster(roster),
    proposal: proposal ?? null,
  };
}

/** What `next` changes against `current`, in words; a mere renewal changes nothing. */
export function rosterChanges(current: Roster, next: Roster): RosterChangeView[] {
  const changes: RosterChangeView[] = [];
  for (const entry of next.members) {
    const { member, site } = entry;
    const before =
      current.members.find((it) => it.member === member) ??
      current.members.find((it) => it.member === entry.formerly);
    const change = changeOf(before, entry);
    if (change !== undefined) changes.push({ ...change, member, site });
  }
  for (const { fromSeq, member, reason, site } of next.revoked) {
    if (fromSeq !== next.seq || entryOf(current, member) === undefined) continue;
    changes.push({ kind: 'revoked', member, site, detail: reason });
  }
  return changes;
}

function changeOf(
  before: RosterMember | undefined,
  entry: RosterMember,
): Pick<RosterChangeView, 'kind' | 'detail'> | undefined {
  if (before === undefined) return { kind: 'admitted', detail: `peer id ${entry.transportId}` };
  if (before.member !== entry.member) {
    return { kind: 'rotated', detail: `takes the place of ${before.member}` };
  }
  if (before.transportId !== entry.transportId) {
    return {
      kind: 'moved',
      detail: `peer id ${entry.transportId} instead of ${before.transportId}`,
    };
  }
  if (before.binding !== entry.binding) {
    return { kind: 'bound', detail: `until ${new Date(entry.bindingUntilMs).toISOString()}` };
  }
  if (before.status === entry.status) return undefined;
  return { kind: 'lapsed', detail: 'its binding has ended' };
}

function describeRoster({ body, bodyDigest, signers }: OpenedRoster): RosterView['roster'] {
  const { epoch, notAfterMs, previous, revoked, seq } = body;
  const members = body.members.map(({ publicKey: _, ...shown }) => shown);
  return { seq, epoch, digest: bodyDigest, previous, notAfterMs, signers, members, revoked };
}
