// What this member may still say, after a start: nothing until a quorum said what it saw, and then only
// what does not contradict that, where the journal does not know it.

import { sameVote } from '@starling/consensus';
import { readFrame } from '@starling/rules';
import { chainStall, equalBytes } from '@starling/shared';
import { type EpochTerms, voteOf } from './chain-codec.ts';
import type { ChainCore } from './chain-core.ts';
import { observeOwnVotes, type SaidStart, type VoteFloor } from './chain-observer.ts';
import type { ChainRun } from './chain-run.ts';
import { SnowJournal } from './snow-journal.ts';
import type { Ballot } from './vote-caster.ts';

export interface HistoryHooks {
  /** A quorum has answered. */
  onKnown(): Promise<void>;
  /** The journal holds another starting vote of that era than others saw. */
  onTwin(frame: Uint8Array): void;
}

export class OwnHistory {
  readonly #core: ChainCore;
  readonly #hooks: HistoryHooks;
  #floor: VoteFloor | undefined;
  #observing: Promise<void> | undefined;
  #isLossTold = false;

  constructor(core: ChainCore, hooks: HistoryHooks) {
    this.#core = core;
    this.#hooks = hooks;
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
      .then(async (floor) => {
        if (floor === undefined) return;
        if (floor.start !== undefined) await this.#takeBack(floor.start);
        this.#floor = floor;
        await this.#hooks.onKnown();
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
    this.#tellLoss(`others saw a vote in epoch ${floor.epoch}, view ${floor.view}`);
  }

  /** Its own starting vote, as others saw it, stands in the journal again: it makes no other one. */
  async #takeBack({ body: { epoch, era }, frame }: SaidStart): Promise<void> {
    const journal = new SnowJournal(this.#core.journal, epoch);
    const isKnown = (await journal.startFrames(era)).has(era);
    const standing = await journal.startOnce(era, frame);
    if (!isKnown) this.#tellLoss(`others saw a starting vote in epoch ${epoch}, era ${era}`);
    if (!equalBytes(bodyIn(standing), bodyIn(frame))) this.#hooks.onTwin(frame);
  }

  #tellLoss(detail: string): void {
    if (this.#isLossTold) return;
    this.#isLossTold = true;
    const { logger, meter } = this.#core.world;
    meter.count('starling_peer_chain_journal_losses_total');
    logger.error('the record of own votes is lost or an older copy', { detail });
  }
}

function bodyIn(frame: Uint8Array): Uint8Array {
  return readFrame(frame, chainStall).bodyBytes;
}
