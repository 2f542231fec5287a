// What this member may still vote, after a start: nothing until a quorum said what it saw, and then
// only above that, where the journal does not know it.

import { sameVote } from '@starling/consensus';
import { type EpochTerms, voteOf } from './chain-codec.ts';
import type { ChainCore } from './chain-core.ts';
import { observeOwnVotes, type VoteFloor } from './chain-observer.ts';
import type { ChainRun } from './chain-run.ts';
import type { Ballot } from './vote-caster.ts';

export class OwnHistory {
  readonly #core: ChainCore;
  readonly #onKnown: () => Promise<void>;
  #floor: VoteFloor | undefined;
  #observing: Promise<void> | undefined;
  #isLossTold = false;

  constructor(core: ChainCore, onKnown: () => Promise<void>) {
    this.#core = core;
    this.#onKnown = onKnown;
  }

  /** A quorum has answered since the start. */
  get isKnown(): boolean {
    return this.#floor !== undefined;
  }

  /** Asks until a quorum has answered; does nothing from then on. */
  observe(terms: EpochTerms): Promise<void> {
    if (this.#floor !== undefined) return Promise.resolve();
    const { mail, queue, world } = this.#core;
    const transportOf = this.#core.transportOf.bind(this.#core);
    this.#observing ??= observeOwnVotes(terms, { mail, queue, world, transportOf })
      .then((floor) => {
        if (floor === undefined) return undefined;
        this.#floor = floor;
        return this.#onKnown();
      })
      .finally(() => {
        this.#observing = undefined;
      });
    return this.#observing;
  }

  /** A journal that does not know this member's newest vote was lost, or is an older copy. */
  holdBack(run: ChainRun, ballots: readonly Ballot[], decidedView: number): void {
    const floor = this.#floor;
    const { epoch } = run.terms;
    if (floor?.vote === undefined || floor.epoch < epoch) return;
    const newest = voteOf(floor.vote);
    const isOfEpoch = floor.epoch === epoch;
    const isKnown = isOfEpoch && ballots.some(({ vote }) => sameVote(vote, newest));
    if (isKnown || (isOfEpoch && floor.view <= decidedView)) return;
    run.observeUntil(isOfEpoch ? floor.view : Number.MAX_SAFE_INTEGER);
    if (this.#isLossTold) return;
    this.#isLossTold = true;
    const { logger, meter } = this.#core.world;
    meter.count('starling_peer_chain_journal_losses_total');
    const detail = `others saw a vote in epoch ${floor.epoch}, view ${floor.view}`;
    logger.error('the record of own votes is lost or an older copy', { detail });
  }
}
