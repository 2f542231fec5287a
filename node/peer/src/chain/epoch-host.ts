// What an epoch of the chain needs of the site around it.

import type { CastStatement, ChainState, WantedCertificate } from '@starling/consensus';
import type { VerificationQueue } from '@starling/crypto';
import type { LedgerRules, ReadBlock } from '@starling/rules';
import type {
  ChainAnswer,
  ChainCertificate,
  ChainRequest,
  Digest,
  MemberId,
  TransportId,
} from '@starling/shared';
import type { EpochTerms } from './chain-codec.ts';
import type { ChainJournal } from './chain-journal.ts';
import type { PolledFinality } from './chain-status.ts';
import type { ChainWorld } from './chain-world.ts';
import type { DecidedChain } from './decided-chain.ts';
import type { Ballot } from './vote-caster.ts';

/** How a block is to be proposed. */
export interface ProposalTerms {
  /** It may be empty: it is asked for so that blocks before it become final. */
  readonly isFinishing: boolean;
  /** It must be empty: nothing of it counts. */
  readonly isEmpty: boolean;
  /** It may hold a newer roster. */
  readonly mayEndEpoch: boolean;
}

/** Blocks that became final together, oldest first. */
export interface DecidedBlocks {
  readonly blocks: readonly ReadBlock[];
  /** For the last of them; null when polls decided, or a later block’s certificate stands for it. */
  readonly certificate: ChainCertificate | null;
  /** The polls that decided; null where certificates did. */
  readonly polled: PolledFinality | null;
  /** Views up to this one are over. */
  readonly view: number;
}

/** Asks others for what is missing, this member first. */
export interface EpochFetch {
  block(id: Digest, first?: TransportId): void;
  certificate(view: number, want: WantedCertificate, first?: TransportId): void;
  opening(id: Digest): void;
  /** How the newest odd era opened. */
  era(first?: TransportId): void;
}

/** What an epoch needs of the chain around it. */
export interface EpochHost {
  publish(frame: Uint8Array): Promise<void>;
  /** A block for our view on this parent, signed; undefined when there is nothing to propose. */
  propose(
    view: number,
    parent: ChainState,
    how: ProposalTerms,
  ): Promise<{ readonly read: ReadBlock; readonly frame: Uint8Array } | undefined>;
  /** True when this site would rather have another block, and may still say so. */
  declines(read: ReadBlock): boolean;
  onCertified(certificate: ChainCertificate, terms: EpochTerms): void;
  /** Stall statements whose signatures hold. */
  onStatements(said: readonly CastStatement<Uint8Array>[], terms: EpochTerms): void;
  onDecided(made: DecidedBlocks): void;
  onContradiction(first: Uint8Array, second: Uint8Array): void;
  onTwin(frame: Uint8Array): void;
  onForked(): void;
  onRepeat(): void;
  readonly fetch: EpochFetch;
  /** A member’s answer to a request; undefined when there is none in time. */
  askMember(
    member: MemberId,
    request: ChainRequest,
    withinMs: number,
  ): Promise<ChainAnswer | undefined>;
}

export interface EpochParts {
  readonly world: ChainWorld;
  readonly terms: EpochTerms;
  readonly decided: DecidedChain;
  readonly rules: LedgerRules;
  readonly queue: VerificationQueue;
  readonly journal: ChainJournal;
  readonly self: number | undefined;
  readonly leaderSeed: Uint8Array;
  /** Votes of before, as the journal holds them. */
  readonly ballots: readonly Ballot[];
  readonly host: EpochHost;
}
