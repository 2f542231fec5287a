// One epoch of the chain under one engine, as the driver and those who answer for it see it. Which
// engine runs is a matter of the rules and of nobody here.

import type { BlockHeader, SimplexVote } from '@starling/consensus';
import type { SignatureClaim } from '@starling/crypto';
import type { ReadBlock } from '@starling/rules';
import type {
  BlockChit,
  ChainCertificate,
  ChainEngine,
  ChainStall,
  ChainStatus,
  OpenedEra,
  TransportId,
  Verdict,
} from '@starling/shared';
import type { EpochTerms, SignedCertificate } from './chain-codec.ts';
import type { EpochBlocks } from './epoch-blocks.ts';
import type { HeldVote } from './vote-desk.ts';

export interface RunStatus {
  readonly view: number;
  readonly leader: number | undefined;
  /** What the next block stands on; undefined while that is not known. */
  readonly tip: BlockHeader | undefined;
  readonly isIdle: boolean;
  /** The newest certificate that this member can show. */
  readonly best: SignedCertificate | undefined;
}

export interface ChainRun {
  readonly engine: ChainEngine['kind'];
  readonly terms: EpochTerms;
  readonly blocks: EpochBlocks;
  /** What only an engine with eras is told and asked. */
  readonly eras: EraRun | undefined;
  /** Only a block with a certificate ends an epoch: is one of those to be decided next? */
  readonly mayEndEpoch: boolean;
  status(): RunStatus;
  /** A certificate that shows a vote of this view or of a later one to be final. */
  certificate(view: number, kind: SimplexVote['kind']): ChainCertificate | undefined;
  setDemand(hasWork: boolean): void;
  setInactive(voters: ReadonlySet<number>): void;
  observeUntil(view: number): void;
  /** Does again what a full queue made wait, and says again what may have been lost. */
  retry(): void;
  /** A vote of a member, everything but its signature checked. */
  takeVote(held: HeldVote<SimplexVote>): Promise<Verdict>;
  /** A block that its leader signed, or that somebody named. */
  takeBlock(read: ReadBlock, frame: Uint8Array | undefined): Verdict;
  /** A certificate of this epoch, its signatures not verified yet. */
  takeCertificate(certificate: ChainCertificate): Promise<Verdict>;
  /** Takes back what the journal held, before anything is heard. */
  restore(blocks: readonly ReadBlock[], certificates: readonly ChainCertificate[]): void;
  stop(): void;
}

/** A member's statement whose signature holds. */
export interface HeardStall {
  readonly voter: number;
  readonly body: ChainStall;
  readonly claim: SignatureClaim;
}

export interface HeldOpening {
  readonly body: Uint8Array;
  readonly frame: Uint8Array | undefined;
}

/** The part of an engine that polls in even eras and certifies in odd ones. */
export interface EraRun {
  /** Something here needs a certificate. */
  askForCertificates(): void;
  takeStall(heard: HeardStall): Verdict;
  /** The body of an opening, its leader's signature verified or its name asked for. */
  takeOpening(opening: HeldOpening): Promise<Verdict>;
  takeOpened(opened: OpenedEra): Promise<Verdict>;
  /** This member's answer to a poll; undefined when it has none to give in that era. */
  chit(era: number, height: number): BlockChit | undefined;
  opening(id: string): HeldOpening | undefined;
  /** How the newest odd era opened. */
  opened(): OpenedEra | undefined;
  /** Positive when this member is in a later period than one in this view, negative when behind. */
  aheadOf(view: number): number;
  /** Asks for what a member that says this is ahead by. */
  heed(status: ChainStatus, from: TransportId): void;
}
