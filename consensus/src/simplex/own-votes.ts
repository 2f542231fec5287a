// What this member has voted, from before and since: the only thing that safety asks of it.

import type { Digest } from '@starling/shared';
import type { SimplexVote } from './vote.ts';

interface OwnView {
  notarize: Digest | undefined;
  finalize: Digest | undefined;
  nullify: boolean;
}

/**
 * Invariant: at most one notarize per view, at most one finalize per view, and never finalize and
 * nullify of one view both.
 */
export class OwnVotes {
  readonly #views = new Map<number, OwnView>();
  /** Votes of the journal that were not cast again since the start. */
  readonly #unsent = new Map<number, SimplexVote[]>();
  #silentUntil = -1;

  constructor(journal: readonly SimplexVote[]) {
    for (const vote of journal) {
      if (!this.#note(vote)) continue;
      const unsent = this.#unsent.get(vote.view) ?? [];
      this.#unsent.set(vote.view, [...unsent, vote]);
    }
  }

  /** From now on nothing is cast for views up to this one. */
  observeUntil(view: number): void {
    this.#silentUntil = Math.max(this.#silentUntil, view);
  }

  isSilentIn(view: number): boolean {
    return view <= this.#silentUntil;
  }

  notarized(view: number): Digest | undefined {
    return this.#views.get(view)?.notarize;
  }

  hasNullified(view: number): boolean {
    return this.#views.get(view)?.nullify === true;
  }

  hasFinalized(view: number): boolean {
    return this.#views.get(view)?.finalize !== undefined;
  }

  /** Takes note of a vote that is about to be cast; false when that would break the invariant. */
  cast(vote: SimplexVote): boolean {
    return !this.isSilentIn(vote.view) && this.#note(vote);
  }

  knows(vote: SimplexVote): boolean {
    const own = this.#views.get(vote.view);
    if (own === undefined) return false;
    return vote.kind === 'nullify' ? own.nullify : own[vote.kind] === vote.block;
  }

  /** Votes of the journal for this view, once. */
  takeUnsent(view: number): readonly SimplexVote[] {
    const votes = this.#unsent.get(view) ?? [];
    this.#unsent.delete(view);
    return votes;
  }

  /** What was cast in a view, to be sent again. */
  votesIn(view: number): SimplexVote[] {
    const own = this.#views.get(view);
    if (own === undefined) return [];
    const votes: SimplexVote[] = [];
    if (own.notarize !== undefined) votes.push({ kind: 'notarize', view, block: own.notarize });
    if (own.nullify) votes.push({ kind: 'nullify', view });
    if (own.finalize !== undefined) votes.push({ kind: 'finalize', view, block: own.finalize });
    return votes;
  }

  forgetUntil(view: number): void {
    for (const views of [this.#views, this.#unsent]) {
      for (const known of views.keys()) if (known <= view) views.delete(known);
    }
  }

  #note(vote: SimplexVote): boolean {
    const own = this.#views.get(vote.view) ?? {
      notarize: undefined,
      finalize: undefined,
      nullify: false,
    };
    if (vote.kind === 'nullify') {
      if (own.nullify || own.finalize !== undefined) return false;
      own.nullify = true;
    } else {
      if (own[vote.kind] !== undefined) return false;
      if (vote.kind === 'finalize' && own.nullify) return false;
      own[vote.kind] = vote.block;
    }
    this.#views.set(vote.view, own);
    return true;
  }
}
