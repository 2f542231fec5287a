// The coordinator's side of PSA-1 as data. It is the fold of what was recorded, so a replay of the
// log gives the same session, and anyone who holds the log can replay it.

import type {
  Complaint,
  KeyAdvertisement,
  MaskedInput,
  MemberId,
  SessionPhase,
  SessionPhaseName,
  ShareBundle,
  Survivors,
  UnmaskShares,
} from '@starling/shared';
import type { Said } from './phase-root.ts';
import type { Session } from './session.ts';

/** What the coordinator collects; `complete` when the masks can be opened. */
export type CollectPhase = 'keys' | 'shares' | 'masked' | 'survivors' | 'unmask' | 'complete';

export type SessionFailure = 'too-few' | 'complaint' | 'faulty-shares' | 'unusable-sum';

export interface FailedSession {
  readonly reason: SessionFailure;
  readonly detail: string;
  /** Members that the next attempt leaves out. */
  readonly blamed: readonly MemberId[];
}

/**
 * Invariant: each set is a subset of the one before (participants ⊇ keys ⊇ shares ⊇ masked ⊇
 * survivors ⊇ unmask); `announced` holds the phases in order; a blamed member is in no later set.
 */
export interface CoordinatorState {
  readonly session: Session;
  readonly phase: CollectPhase;
  readonly announced: ReadonlyMap<SessionPhaseName, SessionPhase>;
  readonly keys: ReadonlyMap<MemberId, Said<KeyAdvertisement>>;
  readonly shares: ReadonlyMap<MemberId, Said<ShareBundle>>;
  readonly masked: ReadonlyMap<MemberId, Said<MaskedInput>>;
  readonly survivors: ReadonlyMap<MemberId, Said<Survivors> & { readonly signature: Uint8Array }>;
  readonly unmask: ReadonlyMap<MemberId, Said<UnmaskShares>>;
  readonly complaints: ReadonlyMap<MemberId, Said<Complaint>>;
  /** Members that said two different things, with the second frame as evidence. */
  readonly equivocated: ReadonlyMap<MemberId, Uint8Array>;
  /** Members whose shares of R4 were wrong, missing or did not open: none of them is used. */
  readonly faulted: ReadonlySet<MemberId>;
  readonly failed: FailedSession | undefined;
}

export type MemberStatement =
  | ({ readonly kind: 'keys' } & Said<KeyAdvertisement>)
  | ({ readonly kind: 'shares' } & Said<ShareBundle>)
  | ({ readonly kind: 'masked' } & Said<MaskedInput>)
  | ({ readonly kind: 'survivors'; readonly signature: Uint8Array } & Said<Survivors>)
  | ({ readonly kind: 'unmask' } & Said<UnmaskShares>)
  | ({ readonly kind: 'complaint' } & Said<Complaint>);

/** A verified statement under the kind that its message type names. */
export function toStatement(
  kind: string,
  said: Said<unknown> & { readonly signature: Uint8Array },
): MemberStatement {
  return { kind, ...said } as MemberStatement;
}

export type CoordinatorEvent =
  /** A verified statement of a member that `objectionToStatement` let pass. */
  | { readonly kind: 'said'; readonly statement: MemberStatement }
  /** A member said something else than before; the frame proves it. */
  | { readonly kind: 'equivocated'; readonly member: MemberId; readonly frame: Uint8Array }
  /** What these members revealed was held against the dealers' commitments and found wrong. */
  | { readonly kind: 'faulted'; readonly members: readonly MemberId[] }
  /** Nobody is awaited any more, or the time is up. */
  | { readonly kind: 'close' }
  /** The announcement of the next phase was signed and recorded. */
  | { readonly kind: 'announced'; readonly body: SessionPhase }
  | ({ readonly kind: 'failed' } & FailedSession);

export type CoordinatorEffect =
  /** Sign, record and publish this. */
  | { readonly kind: 'announce'; readonly body: SessionPhase }
  /** Open the masks and add up. */
  | { readonly kind: 'open' }
  | ({ readonly kind: 'fail' } & FailedSession);

export interface CoordinatorStep {
  readonly state: CoordinatorState;
  readonly effects: readonly CoordinatorEffect[];
}

/** The certified survivors; undefined before their set was announced. */
export function survivorsOf(state: CoordinatorState): Survivors | undefined {
  const signing = state.announced.get('signing');
  const masking = state.announced.get('masking');
  if (signing === undefined || masking === undefined) return undefined;
  const { members, root } = signing;
  return { members, root, session: state.session.id, sharers: masking.root };
}
