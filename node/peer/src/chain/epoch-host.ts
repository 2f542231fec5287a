// What an epoch of the chain needs of the site around it.

import type { ChainState, WantedCertificate } from '@starling/consensus';
import type { VerificationQueue } from '@starling/crypto';
import type { ChainCertificate, Digest } from '@starling/shared';
import type { LedgerRules } from './block-rules.ts';
import type { EpochTerms, ReadBlock } from './chain-codec.ts';
import type { ChainJournal } from './chain-journal.ts';
import type { ChainWorld } from './chain-world.ts';
import type { DecidedChain } from './decided-chain.ts';
import type { Ballot } from './vote-caster.ts';

/** What an epoch needs of the chain around it. */
export interface EpochHost {
  publish(frame: Uint8Array): Promise<void>;
  /** A block for our view on this parent, signed; undefined when there is nothing to propose. */
  propose(
    view: number,
    parent: ChainState,
    isFinishing: boolean,
  ): Promise<{ readonly read: ReadBlock; readonly frame: Uint8Array } | undefined>;
  /** True when this site would rather have another block, and may still say so. */
  declines(read: ReadBlock): boolean;
  onCertified(certificate: ChainCertificate, terms: EpochTerms): void;
  onDecided(blocks: readonly ReadBlock[], certificate: ChainCertificate): void;
  onContradiction(first: Uint8Array, second: Uint8Array): void;
  onTwin(frame: Uint8Array): void;
  onForked(): void;
  onRepeat(): void;
  fetchBlock(id: Digest): void;
  fetchCertificate(view: number, want: WantedCertificate): void;
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
