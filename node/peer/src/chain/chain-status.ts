// How the chain stands at one site, for people and programs..

import {
  type ChainEngine,
  type Digest,
  digestSchema,
  type MemberId,
  memberIdSchema,
  POLL_GROUPS_MAX,
  ROSTER_MEMBERS_MAX,
  uintSchema,
  z,
} from '@starling/shared';

/**
 * `waiting`: no chain has opened; `behind`: catching up; `observer`: asks others what it voted;
 * `attester`: no member of the epoch, it may attest; `voter`; `twin`: its key votes elsewhere too;
 * `halted`: what is decided contradicts itself, or the rules are not safe.
 */
export type ChainStanding =
  | 'waiting'
  | 'behind'
  | 'observer'
  | 'attester'
  | 'voter'
  | 'twin'
  | 'halted';

export interface SiteChainStatus {
  readonly collection: string;
  /** What decides this epoch. */
  readonly engine: ChainEngine['kind'];
  readonly standing: ChainStanding;
  /** Why it stands so, in words. */
  readonly detail: string;
  readonly epoch: number;
  readonly members: readonly MemberId[];
  readonly quorum: number;
  /** "three members: one crash and no liar" */
  readonly tolerance: string;
  /** Of the newest decided block; 0 before the first. */
  readonly height: number;
  readonly block: Digest | null;
  readonly stateRoot: Digest | null;
  readonly view: number;
  readonly leader: MemberId | null;
  /** Something waits for a decision. */
  readonly isUndecided: boolean;
  /** Entries that wait in the pool, by kind. */
  readonly pool: Readonly<Record<string, number>>;
  readonly poll: PollSummary | null;
  /** Members whose signed contradictions are on record; they lead no view. */
  readonly contradicted: readonly MemberId[];
}

/** How conflicting candidates were polled about. */
export const pollSummarySchema = z.strictObject({
  /** Members that answered at least once. */
  asked: z.array(memberIdSchema).max(ROSTER_MEMBERS_MAX),
  finalised: z.boolean(),
  /** Members asked per round. */
  k: uintSchema,
  /** The candidates that were preferred in the end, one of each group in conflict. */
  preferred: z.array(digestSchema).max(POLL_GROUPS_MAX),
  rounds: uintSchema,
});
export type PollSummary = z.infer<typeof pollSummarySchema>;

/** How polls of the engine snow made a block final: so many of them, of k members each. */
export const polledFinalitySchema = z.strictObject({ k: uintSchema, polls: uintSchema });
export type PolledFinality = z.infer<typeof polledFinalitySchema>;

export interface DecidedEntry {
  readonly kind: 'pattern' | 'model' | 'setting' | 'membership';
  /** Names the entry: digest of a proposal, of a model vote, of a roster. */
  readonly id: Digest;
  /** For people: "model documents 3 on 2". */
  readonly summary: string;
}

export interface ChainDecision {
  readonly height: number;
  readonly epoch: number;
  readonly view: number;
  readonly block: Digest;
  readonly stateRoot: Digest;
  readonly decidedAtMs: number;
  /** From the first sight of something undecided to the decision, by this site's clock. */
  readonly undecidedMs: number | null;
  readonly finality: 'certificate' | 'metastable';
  /** The polls behind metastable finality. */
  readonly polled: PolledFinality | null;
  readonly poll: PollSummary | null;
  /** The certificate that decided this block or a later one of the same chain. */
  readonly signers: readonly MemberId[];
  readonly certificateBytes: number;
  /** Blocks behind this one that only helped to decide it. */
  readonly trailing: number;
  readonly entries: readonly DecidedEntry[];
}

export interface EvidenceSummary {
  readonly id: Digest;
  readonly member: MemberId;
  readonly kind: string;
  readonly epoch: number;
  /** Of two starting votes; null for what is said in a view. */
  readonly era: number | null;
  /** 0 where that has none. */
  readonly view: number;
  readonly recordedAtMs: number;
}
