// A member's side of PSA-1 as data: its state, what happens to it, what it wants done.

import type {
  Complaint,
  Digest,
  KeyAdvertisement,
  MaskedInput,
  MemberId,
  PayloadRef,
  SessionPhase,
  SessionPhaseName,
  ShareBundle,
  Survivors,
  UnmaskShares,
} from '@starling/shared';
import type { Mask } from './masks.ts';
import type { MemberKeys } from './member-keys.ts';
import type { Said } from './phase-root.ts';
import type { Session } from './session.ts';
import type { HeldShares, OpenedPacket } from './share-packets.ts';

export type MemberPhase =
  | 'announced'
  | 'keys-sent'
  | 'shares-sent'
  | 'masked-sent'
  | 'signed'
  | 'revealed'
  | 'done'
  | 'aborted';

/** Why a member left a session. None of them reveals anything. */
export type AbortReason =
  | 'left-out'
  | 'too-few'
  | 'split-view'
  | 'equivocation'
  | 'out-of-order'
  | 'unknown-member'
  | 'own-message-changed'
  | 'key-reused'
  | 'faulty-packet'
  | 'spent'
  | 'over-budget'
  | 'superseded'
  | 'replayed'
  | 'timeout';

export interface AcceptedPhase {
  readonly body: SessionPhase;
  readonly frame: Uint8Array;
}

/**
 * Invariant: for each member at most one of its two secrets is ever revealed from here, and only in
 * the step to `revealed`; secrets are erased on `done` and `aborted`.
 */
export interface MemberState {
  readonly phase: MemberPhase;
  readonly session: Session;
  readonly member: MemberId;
  readonly keys: MemberKeys;
  readonly advertisement: KeyAdvertisement;
  /** The coordinator's announcements, one for each phase. */
  readonly accepted: ReadonlyMap<SessionPhaseName, AcceptedPhase>;
  /** Keys of the neighbours that are in. */
  readonly neighbours: ReadonlyMap<MemberId, KeyAdvertisement>;
  /** Shares of this member's own secrets, by holder. */
  readonly dealt: ReadonlyMap<MemberId, HeldShares>;
  /** What the neighbours sent. */
  readonly opened: ReadonlyMap<MemberId, OpenedPacket>;
  readonly input: MaskedInput | undefined;
  readonly survivors: Survivors | undefined;
  readonly abort: { readonly reason: AbortReason; readonly detail: string } | undefined;
}

/** A packet of R1 with its dealer's verified statement. */
export interface ReceivedPacket extends Said<ShareBundle> {
  readonly leaf: Uint8Array;
  readonly index: number;
  readonly path: readonly Uint8Array[];
}

export type MemberEvent =
  /** A verified announcement of the coordinator. */
  | { readonly kind: 'phase'; readonly body: SessionPhase; readonly frame: Uint8Array }
  /** Digests of everyone's R0 in the order of U1, and the neighbours' verified R0. */
  | {
      readonly kind: 'keys';
      readonly digests: readonly Digest[];
      readonly said: readonly Said<KeyAdvertisement>[];
    }
  | {
      readonly kind: 'sealed';
      readonly dealt: ReadonlyMap<MemberId, HeldShares>;
      readonly leaves: readonly Uint8Array[];
    }
  | { readonly kind: 'malformed-key'; readonly accused: MemberId }
  | { readonly kind: 'packets'; readonly packets: readonly ReceivedPacket[] }
  | { readonly kind: 'opened'; readonly opened: ReadonlyMap<MemberId, OpenedPacket> }
  | {
      readonly kind: 'faulty-packet';
      readonly accused: MemberId;
      readonly reason: Complaint['reason'];
      readonly detail: string;
      readonly evidence: readonly Uint8Array[];
    }
  /** The masked vector was stored and can be pulled; how its update was trained is committed to. */
  | { readonly kind: 'masked'; readonly commitment: Digest; readonly payload: PayloadRef }
  /** Digests of the survivors' R2 in the order of U3: this member's own is held against them. */
  | { readonly kind: 'inputs'; readonly digests: readonly Digest[] }
  /** The mark that this update is spent is on disk. */
  | { readonly kind: 'spent' }
  /** Another mark stands there. */
  | { readonly kind: 'spent-before'; readonly detail: string }
  /** Members whose signature over the survivors was verified. */
  | { readonly kind: 'certificate'; readonly signers: readonly MemberId[] }
  | { readonly kind: 'finished' }
  | {
      readonly kind: 'abort';
      readonly reason: AbortReason;
      readonly detail: string;
      readonly evidence?: readonly Uint8Array[];
    };

export type MemberTask =
  | {
      readonly kind: 'seal';
      readonly recipients: ReadonlyMap<MemberId, KeyAdvertisement>;
    }
  | { readonly kind: 'open'; readonly packets: readonly ReceivedPacket[] };

export type MemberEffect =
  | { readonly kind: 'say-keys'; readonly body: KeyAdvertisement }
  | {
      readonly kind: 'say-shares';
      readonly body: ShareBundle;
      readonly leaves: readonly Uint8Array[];
    }
  | { readonly kind: 'say-masked'; readonly body: MaskedInput }
  | { readonly kind: 'say-survivors'; readonly body: Survivors }
  | { readonly kind: 'say-unmask'; readonly body: UnmaskShares }
  | { readonly kind: 'say-complaint'; readonly body: Complaint }
  /** Ask the coordinator for what belongs to this phase. */
  | { readonly kind: 'fetch'; readonly phase: SessionPhaseName }
  /** Work that takes long; `runMemberTask` does it and gives the event. */
  | { readonly kind: 'compute'; readonly task: MemberTask }
  /** Encode the update, add these masks, store the vector; then the event `masked`. */
  | { readonly kind: 'mask'; readonly masks: readonly Mask[] }
  /** Write down that the update is spent; then `spent` or `spent-before`. */
  | { readonly kind: 'record-spent'; readonly survivors: Survivors; readonly digest: Digest }
  | {
      readonly kind: 'aborted';
      readonly reason: AbortReason;
      readonly detail: string;
      readonly evidence: readonly Uint8Array[];
    };

export interface MemberStep {
  readonly state: MemberState;
  readonly effects: readonly MemberEffect[];
}
