// Where this member is, as it tells the others: when something is undecided, now and then while
// nothing is, and when somebody seems to be behind.

import type { ChainState } from '@starling/consensus';
import { sealMessage } from '@starling/crypto';
import { type ChainStatus, chainStatus } from '@starling/shared';
import { shownVote } from './chain-codec.ts';
import type { ChainCore } from './chain-core.ts';
import type { ChainRun } from './chain-run.ts';

/** How often members that may be behind are answered, and how long it takes until all would have. */
export const ANSWER_STATUS_MS = 2_000;

export interface Position {
  readonly run: ChainRun;
  readonly state: ChainState;
}

export class OwnStatus {
  readonly #core: ChainCore;
  readonly #position: () => Position | undefined;
  #answeredMs = Number.NEGATIVE_INFINITY;
  #heardMs = Number.NEGATIVE_INFINITY;

  constructor(core: ChainCore, position: () => Position | undefined) {
    this.#core = core;
    this.#position = position;
  }

  async say(): Promise<void> {
    const position = this.#position();
    if (position === undefined) return;
    const { federation, mail, parts, world } = this.#core;
    const content = { federation, body: statusBody(position), ...parts.sequence.stamp() };
    await mail.publish(sealMessage(world.identity, chainStatus, content));
  }

  /**
   * Tells whoever is behind that there is more; now and then, as nobody proved to be. One answer is
   * enough for everyone, so members wait for their turn and then look whether another one answered.
   */
  answer(): void {
    const { stopping, world } = this.#core;
    const askedMs = world.clock.monotonicMs();
    if (askedMs - this.#answeredMs < ANSWER_STATUS_MS) return;
    this.#answeredMs = askedMs;
    const places = this.#position()?.run.terms.membership.places ?? new Map<string, number>();
    const place = places.get(world.identity.member) ?? places.size;
    world.clock.after((ANSWER_STATUS_MS * place) / (places.size + 1), () => {
      if (!stopping.signal.aborted && this.#heardMs < askedMs) void this.say();
    });
  }

  /** Another member tells where this one is too. */
  heard(): void {
    this.#heardMs = this.#core.world.clock.monotonicMs();
  }
}

function statusBody({ run, state: { collection, epoch, tip } }: Position): ChainStatus {
  const { best, view } = run.status();
  const shown = best === undefined ? null : shownVote(best.vote);
  return { best: shown, collection, decided: tip.id, epoch, height: tip.height, view };
}
