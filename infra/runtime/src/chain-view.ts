// What people and programs see of a site's chain and of the patterns in it.

import type { ChainDecision, EvidenceSummary, SiteChainStatus } from '@starling/peer';
import type { AttestationVerdict, Digest, MemberId } from '@starling/shared';

/** Site names by member, of everyone whom the roster lists. */
export type SiteNames = Readonly<Record<MemberId, string>>;

export interface ConsensusView {
  readonly status: SiteChainStatus;
  /** The newest ones, oldest first. */
  readonly decisions: readonly ChainDecision[];
  readonly evidence: readonly EvidenceSummary[];
  /** In force, and proposed. */
  readonly settings: readonly SettingView[];
  /** Members without a direct channel to this site; gossip may reach them through others. */
  readonly away: readonly MemberId[];
  readonly sites: SiteNames;
}

/** A setting that all members share. */
export interface SettingView {
  /** Of the proposal. */
  readonly id: Digest;
  readonly name: string;
  readonly value: string;
  readonly status: 'proposed' | 'final';
  /** Null when this site does not know any more who proposed it. */
  readonly author: MemberId | null;
  /** Height of the block that holds it; null while it is proposed. */
  readonly height: number | null;
  /** Who agreed, as far as this site heard; empty once it is final. */
  readonly approvals: readonly MemberId[];
}

/** Two statements that one member signed and that contradict each other. */
export interface EvidenceView extends EvidenceSummary {
  readonly site: string;
  readonly federation: string;
  /** Of the member, base64url; its digest is the member's id. */
  readonly publicKey: string;
  /** The signed frames as they were published, base64url. */
  readonly first: string;
  readonly second: string;
}

/**
 * `proposed`: members measure it; `attested`: enough did, it waits for a block; `included`: in a
 * block that is not decided; `final`: every site may use it; `superseded`: a better one took its
 * place; `expired`: no block included it in time.
 */
export type PatternStatus =
  | 'proposed'
  | 'attested'
  | 'included'
  | 'final'
  | 'superseded'
  | 'expired';

export interface AttestationView {
  readonly member: MemberId;
  readonly verdict: AttestationVerdict;
  readonly queries: number;
  readonly recallMicros: number;
  readonly recallBoundMicros: number;
  readonly costRatioMicros: number;
}

export interface PatternView {
  readonly id: Digest;
  readonly author: MemberId;
  readonly status: PatternStatus;
  readonly efSearch: number;
  readonly k: number;
  /** Queries that it was learned from. */
  readonly queries: number;
  /** Lower bound of recall@k as its author measured it. */
  readonly expectedRecallMicros: number;
  /** Certified lower bound; null until it is included. */
  readonly boundMicros: number | null;
  /** Median distance computations of a query. */
  readonly cost: number;
  /** Squared distance around the centroid, quantised. */
  readonly radius: number;
  readonly verdicts: {
    readonly accepts: number;
    readonly rejects: number;
    readonly abstains: number;
  };
  /** As far as this site saw them. */
  readonly attestations: readonly AttestationView[];
  /** The decision that made it final, as far as this site remembers it. */
  readonly decision: Omit<ChainDecision, 'entries'> | null;
  readonly parents: readonly Digest[];
  readonly supersedes: readonly Digest[];
  readonly supersededBy: Digest | null;
  /** Why this site does not search by it: its operator's word, or its own measurement. */
  readonly veto: {
    readonly by: 'operator' | 'measurement';
    readonly reason: string;
    readonly sinceMs: number;
  } | null;
  /** Whether searches of this site may follow it now. */
  readonly isUsed: boolean;
}

export interface PatternsView {
  readonly patterns: readonly PatternView[];
  readonly sites: SiteNames;
}

/** What learning from a site's own queries came to. */
export interface LearnView {
  /** Recorded queries that were looked at. */
  readonly queries: number;
  /** Patterns that were learned from them. */
  readonly learned: number;
  /** Those of them that were proposed to the others. */
  readonly proposed: readonly Digest[];
  /** Why the others were not, and why nothing was learned. */
  readonly reasons: readonly string[];
}
