// What this site wants decided: entries of its pool that the next block may hold, and certificates
// where only they may decide.

import { type ChainState, selectEntries } from '@starling/consensus';
import type { ChainEntry } from '@starling/shared';
import type { CandidatePolls } from './candidate-polls.ts';
import type { ChainCore } from './chain-core.ts';
import type { ChainRun } from './chain-run.ts';
import type { DecidedChain } from './decided-chain.ts';

/**
 * Blocks without a certificate after which members ask for one, so that whoever is behind is served
 * runs that prove themselves. With those under way it stays below `BLOCKS_WALKED_MAX`.
 */
export const CERTIFICATE_DUE_BLOCKS = 32;

export class ChainDemand {
  readonly #core: ChainCore;
  readonly #polls: CandidatePolls;
  #seen = '';
  #hasWork = false;
  #undecidedSinceMs: number | undefined;

  constructor(core: ChainCore, polls: CandidatePolls) {
    this.#core = core;
    this.#polls = polls;
  }

  /** Tells the engine whether something waits that no undecided block holds. */
  consider(run: ChainRun, decided: DecidedChain): void {
    const tip = run.status().tip?.id ?? decided.state.tip.id;
    const seen = `${this.#core.pool.version} ${run.mayEndEpoch} ${tip}`;
    if (this.#seen !== seen) {
      this.#seen = seen;
      const state = run.blocks.stateBehind(tip) ?? decided.state;
      if (state.next === undefined) this.#polls.update(state, run.terms);
      this.#hasWork = this.entriesFor(state, run.mayEndEpoch).length > 0;
    }
    const { isIdle } = run.status();
    const sinceMs = this.#undecidedSinceMs ?? this.#core.world.clock.monotonicMs();
    this.#undecidedSinceMs = this.#hasWork || !isIdle ? sinceMs : undefined;
    if (this.#mustCertify(run, decided)) run.eras?.askForCertificates();
    run.setDemand(this.#hasWork);
  }

  /** The next block's entries; `mayEndEpoch` false leaves a newer roster out. */
  entriesFor(state: ChainState, mayEndEpoch: boolean): readonly ChainEntry[] {
    const { pool, rules } = this.#core;
    if (state.next !== undefined) return [];
    const { preferred } = this.#polls;
    const candidates = pool
      .candidates(state)
      .filter(({ kind }) => mayEndEpoch || kind !== 'membership');
    return selectEntries(state, candidates, rules.certified, { preferred });
  }

  /** How long something waited for the decision that was just made; null when nothing did. */
  decided(): number | null {
    const sinceMs = this.#undecidedSinceMs;
    this.#undecidedSinceMs = undefined;
    return sinceMs === undefined
      ? null
      : Math.round(this.#core.world.clock.monotonicMs() - sinceMs);
  }

  /** Late joiners walk by certificates: a change of members needs one, and every so many blocks. */
  #mustCertify({ eras, mayEndEpoch }: ChainRun, { state, uncertified }: DecidedChain): boolean {
    if (eras === undefined || mayEndEpoch) return false;
    const { pool, rules } = this.#core;
    if (uncertified >= CERTIFICATE_DUE_BLOCKS) return true;
    const { membership } = pool;
    if (membership === undefined) return false;
    return selectEntries(state, [membership], rules.certified).length > 0;
  }
}
