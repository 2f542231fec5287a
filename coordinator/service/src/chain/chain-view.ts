// The members' chain as the coordinator shows it to operators: what a quorum decided, and what waits.

import type {
  AttestationVerdict,
  ChainEngine,
  Digest,
  MemberId,
  SettingProposal,
} from '@starling/shared';

/**
 * `final`: a quorum decided that it counts. `retired`: a later final pattern took its place. `lapsed`:
 * it was not decided within the heights that the rules give it.
 */
export type PatternStatus = 'proposed' | 'final' | 'lapsed' | 'retired';

export interface ObservedAttestation {
  readonly member: MemberId;
  readonly accepts: boolean;
  readonly verdict: AttestationVerdict;
  /** Mean recall of the member's own queries, in millionths. */
  readonly recallMicros: number;
}

export interface PatternView {
  readonly id: Digest;
  readonly proposer: MemberId;
  readonly status: PatternStatus;
  /**
   * Signed by each member, sorted by id. Of final patterns those in the block; empty for those that
   * were decided before the checkpoint from which the coordinator followed.
   */
  readonly attestations: readonly ObservedAttestation[];
  readonly verdicts: {
    readonly abstains: number;
    readonly accepts: number;
    readonly rejects: number;
  };
  /** Certified lower bound of recall, in millionths; null until it is decided. */
  readonly recallMicros: number | null;
  /** Of the block that holds it; null until it is decided. */
  readonly height: number | null;
  /** What took its place. */
  readonly supersededBy: Digest | null;
  readonly efSearch: number;
  readonly k: number;
}

export interface SettingView extends Pick<SettingProposal, 'name' | 'value'> {
  /** Digest of the proposal. */
  readonly id: Digest;
  readonly status: 'proposed' | 'final';
  /** Null where it was decided before the checkpoint from which the coordinator followed. */
  readonly author: MemberId | null;
  readonly approvals: readonly MemberId[];
  readonly height: number | null;
}

/** A block that ended an epoch: who decides from the next one on. */
export interface MemberChange {
  readonly height: number;
  readonly epoch: number;
  readonly joined: readonly MemberId[];
  readonly left: readonly MemberId[];
}

export interface ChainView {
  readonly engine: ChainEngine['kind'];
  readonly epoch: number;
  /** Of the last decided block that the coordinator holds the proof of. */
  readonly height: number;
  readonly block: Digest;
  /** Who decides the epoch. */
  readonly members: readonly MemberId[];
  /** The newest, oldest first. */
  readonly memberChanges: readonly MemberChange[];
  /** Newest model version that the chain decided; 0 before the first. */
  readonly version: number;
  /** Decided ones by height, then those that wait. */
  readonly patterns: readonly PatternView[];
  /** Those in force by name, then those that wait. */
  readonly settings: readonly SettingView[];
  /** When the last block was followed, by the coordinator's clock; null before the first. */
  readonly movedAtMs: number | null;
}
