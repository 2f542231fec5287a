// What is known of the views since the last decision: certificates, votes, proposals.

import type { Digest } from '@starling/shared';
import { VIEWS_BEHIND_MAX } from './limits.ts';
import { ViewVotes } from './view-votes.ts';
import type { BlockHeader, QuorumCertificate } from './vote.ts';

export type Validity = 'unjudged' | 'asked' | 'valid' | 'invalid';

export interface KnownBlock {
  readonly header: BlockHeader;
  validity: Validity;
}

export interface ViewRecord<Proof> {
  readonly view: number;
  /** Undefined once the view is too far back: its certificates are then the caller's to keep. */
  votes: ViewVotes<Proof> | undefined;
  notarization: QuorumCertificate<Proof> | undefined;
  nullification: QuorumCertificate<Proof> | undefined;
  finalization: QuorumCertificate<Proof> | undefined;
  /** The block that a notarisation or finalisation names. */
  certified: Digest | undefined;
  isNullified: boolean;
  /** In order of arrival. */
  readonly blocks: KnownBlock[];
  /** The leader signed something that no member accepts. */
  isSpoiled: boolean;
  /** The leader signed two blocks; told once. */
  hasConflict: boolean;
  /** The leader voted, for a block or against its own view. */
  leaderVoted: 'notarize' | 'nullify' | undefined;
}

/** Invariant: no record of a view up to the decided one. */
export class ViewRecords<Proof> {
  readonly #weights: Float64Array;
  readonly #records = new Map<number, ViewRecord<Proof>>();
  #latest: ViewRecord<Proof> | undefined;
  #trimmedUntil: number;

  constructor(weights: Float64Array, decidedView: number) {
    this.#weights = weights;
    this.#trimmedUntil = decidedView;
  }

  get size(): number {
    return this.#records.size;
  }

  peek(view: number): ViewRecord<Proof> | undefined {
    return this.#latest?.view === view ? this.#latest : this.#records.get(view);
  }

  at(view: number): ViewRecord<Proof> {
    if (this.#latest?.view === view) return this.#latest;
    let record = this.#records.get(view);
    if (record === undefined) {
      const votes = view <= this.#trimmedUntil ? undefined : new ViewVotes<Proof>(this.#weights);
      record = emptyRecord(view, votes);
      this.#records.set(view, record);
    }
    this.#latest = record;
    return record;
  }

  /** Forgets views up to the decided one. */
  prune(decidedView: number): void {
    for (const view of this.#records.keys()) if (view <= decidedView) this.#records.delete(view);
    this.#latest = undefined;
    this.#trimmedUntil = Math.max(this.#trimmedUntil, decidedView);
  }

  /** Drops votes and proofs of views far behind; gives the proposals that are dropped with them. */
  trim(currentView: number): readonly KnownBlock[] {
    const until = currentView - VIEWS_BEHIND_MAX - 1;
    const dropped: KnownBlock[] = [];
    if (until <= this.#trimmedUntil) return dropped;
    for (const record of this.#between(this.#trimmedUntil + 1, until)) {
      record.votes = undefined;
      record.notarization = undefined;
      record.nullification = undefined;
      const kept = record.blocks.filter(({ header }) => header.id === record.certified);
      dropped.push(...record.blocks.filter((block) => !kept.includes(block)));
      record.blocks.splice(0, record.blocks.length, ...kept);
    }
    this.#trimmedUntil = until;
    return dropped;
  }

  /** By view where they are dense, all of them where a long gap was jumped. */
  *#between(from: number, until: number): Generator<ViewRecord<Proof>> {
    if (until - from < this.#records.size) {
      for (let view = from; view <= until; view++) {
        const record = this.#records.get(view);
        if (record !== undefined) yield record;
      }
      return;
    }
    for (const record of this.#records.values()) {
      if (record.view >= from && record.view <= until) yield record;
    }
  }
}

function emptyRecord<Proof>(view: number, votes: ViewVotes<Proof> | undefined): ViewRecord<Proof> {
  return {
    view,
    votes,
    notarization: undefined,
    nullification: undefined,
    finalization: undefined,
    certified: undefined,
    isNullified: false,
    blocks: [],
    isSpoiled: false,
    hasConflict: false,
    leaderVoted: undefined,
  };
}
