// What the engines have in common, and what each of them does in its own way.

import type {
  BlockHeader,
  BlockOutcome,
  CastVote,
  CertificateOutcome,
  FrostyEffect,
  PeriodOutcome,
  QuorumCertificate,
  SimplexEffect,
  SimplexVote,
} from '@starling/consensus';
import type { ReadBlock } from '@starling/rules';
import type { ChainCertificate, ChainEngine, Digest, Verdict } from '@starling/shared';
import type { EraRun, RunStatus } from './chain-run.ts';
import type { EpochBlocks } from './epoch-blocks.ts';
import type { EpochCertificates } from './epoch-certificates.ts';
import type { EpochVotes } from './epoch-votes.ts';
import type { SendingOrder } from './sending-order.ts';
import type { HeldVote } from './vote-desk.ts';

export type EngineEffect = SimplexEffect<Uint8Array> | FrostyEffect<Uint8Array>;

/** What `EpochRun` carries out for every engine. */
type Shared =
  | 'cast'
  | 'certified'
  | 'conflicting-proposals'
  | 'evidence'
  | 'fetch-block'
  | 'fetch-certificate'
  | 'forked'
  | 'judge'
  | 'repeat'
  | 'twin'
  | 'wake';

export type OwnEffect<E extends EngineEffect> = Exclude<E, { readonly kind: Shared }>;

/** A pure engine as an epoch feeds it. */
export interface PureEngine<E> {
  readonly hasEffects: boolean;
  takeEffects(): readonly E[];
  setDemand(hasWork: boolean, nowMs: number): void;
  setInactive(voters: ReadonlySet<number>): void;
  observeUntil(view: number): void;
  onBlock(block: BlockHeader, nowMs: number): BlockOutcome | PeriodOutcome;
  onJudged(id: Digest, isValid: boolean, nowMs: number): void;
  onVote(cast: CastVote<Uint8Array>, nowMs: number): unknown;
  onCertificate(
    certificate: QuorumCertificate<Uint8Array>,
    nowMs: number,
  ): CertificateOutcome | PeriodOutcome;
  onTick(nowMs: number): void;
  lacks(vote: SimplexVote): boolean;
}

/** What of an epoch its engine’s hands use. */
export interface RunTools {
  readonly blocks: EpochBlocks;
  readonly votes: EpochVotes;
  readonly certificates: EpochCertificates;
  readonly order: SendingOrder;
  readonly isStopped: boolean;
  /** Tells the engine something, and carries out what it asks for then. */
  feed<T>(action: (nowMs: number) => T): T;
}

export interface Proposal {
  readonly leader: number;
  /** As its leader signed it; undefined when it was fetched by its name. */
  readonly frame: Uint8Array | undefined;
}

export interface EngineHands<E extends EngineEffect> {
  readonly kind: ChainEngine['kind'];
  readonly eras: EraRun | undefined;
  readonly mayEndEpoch: boolean;
  status(): RunStatus;
  /** A certificate that is kept elsewhere and shows this view, or one before it, to be final. */
  laterCertificate(view: number): ChainCertificate | undefined;
  /** The verdict on a vote that is none of the present views'; undefined: it is counted. */
  takeEarly(held: HeldVote<SimplexVote>): Promise<Verdict | undefined>;
  /** May this valid block be voted for here and now? */
  isWanted(read: ReadBlock, isTrailing: boolean): boolean;
  /** What members vote for by this name. */
  proposal(id: Digest): Proposal | undefined;
  carryOut(effect: OwnEffect<E>): void;
  /** Says again what may have been lost. */
  retry(): void;
}
