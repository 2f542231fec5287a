// The votes of one view. Each voter counts once per kind, for what it said first; a vote that
// contradicts an earlier one is evidence and changes no count.

import type { Digest } from '@starling/shared';
import type { CastVote, SimplexVote, VoterProof } from './vote.ts';

type Casts<Proof> = (CastVote<Proof> | undefined)[];

type Recorded<Proof> = 'counted' | 'duplicate' | CastVote<Proof>;

interface Choice {
  readonly block: Digest;
  notarizeWeight: number;
  finalizeWeight: number;
}

/**
 * Invariant: at most three counted votes per voter, one of each kind, and never nullify and finalize
 * of one voter both. So there are at most 2 × members choices, and the table never grows past them.
 */
export class ViewVotes<Proof> {
  readonly #weights: Float64Array;
  readonly #notarize: Casts<Proof>;
  #finalize: Casts<Proof> | undefined;
  #nullify: Casts<Proof> | undefined;
  readonly #choices: Choice[] = [];
  /** Voters whose contradiction was told. */
  #accused: Set<number> | undefined;
  #nullifyWeight = 0;
  #notarizeWeight = 0;
  /** Of those that nullified and did not notarize. */
  #abstainingWeight = 0;
  #topWeight = 0;

  constructor(weights: Float64Array) {
    this.#weights = weights;
    this.#notarize = new Array<CastVote<Proof> | undefined>(weights.length).fill(undefined);
  }

  get nullifyWeight(): number {
    return this.#nullifyWeight;
  }

  /** Weight of the voters that notarized something or gave the view up. */
  get votedWeight(): number {
    return this.#notarizeWeight + this.#abstainingWeight;
  }

  /** The most that any block can still get, if those that gave the view up keep to it. */
  reachableWeight(total: number): number {
    return total - this.votedWeight + this.#topWeight;
  }

  /**
   * Counts a vote, or says that it was counted before, or gives the vote that it contradicts: once
   * per voter, after that it says `accused`.
   */
  record(cast: CastVote<Proof>): 'counted' | 'duplicate' | 'accused' | CastVote<Proof> {
    const outcome = this.#record(cast);
    if (typeof outcome === 'string') return outcome;
    if (this.#accused?.has(cast.voter)) return 'accused';
    this.#accused ??= new Set();
    this.#accused.add(cast.voter);
    return outcome;
  }

  /** Weight of the voters that cast exactly this. */
  weightFor(vote: SimplexVote): number {
    if (vote.kind === 'nullify') return this.#nullifyWeight;
    const choice = this.#choices.find(({ block }) => block === vote.block);
    if (choice === undefined) return 0;
    return vote.kind === 'notarize' ? choice.notarizeWeight : choice.finalizeWeight;
  }

  /** Proofs of the voters that cast exactly this, ascending. */
  proofsFor(vote: SimplexVote): VoterProof<Proof>[] {
    const proofs: VoterProof<Proof>[] = [];
    for (const cast of this.#castsOf(vote.kind)) {
      if (cast === undefined) continue;
      if (vote.kind !== 'nullify' && cast.vote.kind !== 'nullify') {
        if (cast.vote.block !== vote.block) continue;
      }
      proofs.push({ voter: cast.voter, proof: cast.proof });
    }
    return proofs;
  }

  /** What was notarised by at least one voter. */
  notarizedBlocks(): { readonly block: Digest; readonly weight: number }[] {
    const voted = this.#choices.filter(({ notarizeWeight }) => notarizeWeight > 0);
    return voted.map(({ block, notarizeWeight }) => ({ block, weight: notarizeWeight }));
  }

  #record(cast: CastVote<Proof>): Recorded<Proof> {
    const { voter, vote } = cast;
    if (vote.kind === 'notarize') return this.#recordNotarize(cast, vote.block);
    if (vote.kind === 'finalize') return this.#recordFinalize(cast, vote.block);
    const finalized = this.#finalize?.[voter];
    if (finalized !== undefined) return finalized;
    this.#nullify ??= this.#noCasts();
    if (this.#nullify[voter] !== undefined) return 'duplicate';
    this.#nullify[voter] = cast;
    const weight = this.#weights[voter] ?? 0;
    this.#nullifyWeight += weight;
    if (this.#notarize[voter] === undefined) this.#abstainingWeight += weight;
    return 'counted';
  }

  #recordNotarize(cast: CastVote<Proof>, block: Digest): Recorded<Proof> {
    const before = this.#notarize[cast.voter];
    if (before !== undefined) return isFor(before, block) ? 'duplicate' : before;
    this.#notarize[cast.voter] = cast;
    const weight = this.#weights[cast.voter] ?? 0;
    const choice = this.#choice(block);
    choice.notarizeWeight += weight;
    this.#notarizeWeight += weight;
    if (choice.notarizeWeight > this.#topWeight) this.#topWeight = choice.notarizeWeight;
    if (this.#nullify?.[cast.voter] !== undefined) this.#abstainingWeight -= weight;
    return 'counted';
  }

  #recordFinalize(cast: CastVote<Proof>, block: Digest): Recorded<Proof> {
    const nullified = this.#nullify?.[cast.voter];
    if (nullified !== undefined) return nullified;
    this.#finalize ??= this.#noCasts();
    const before = this.#finalize[cast.voter];
    if (before !== undefined) return isFor(before, block) ? 'duplicate' : before;
    this.#finalize[cast.voter] = cast;
    this.#choice(block).finalizeWeight += this.#weights[cast.voter] ?? 0;
    return 'counted';
  }

  #choice(block: Digest): Choice {
    for (const choice of this.#choices) if (choice.block === block) return choice;
    const choice = { block, notarizeWeight: 0, finalizeWeight: 0 };
    this.#choices.push(choice);
    return choice;
  }

  #castsOf(kind: SimplexVote['kind']): Casts<Proof> {
    if (kind === 'notarize') return this.#notarize;
    return (kind === 'finalize' ? this.#finalize : this.#nullify) ?? [];
  }

  #noCasts(): Casts<Proof> {
    return new Array<CastVote<Proof> | undefined>(this.#weights.length).fill(undefined);
  }
}

function isFor<Proof>({ vote }: CastVote<Proof>, block: Digest): boolean {
  return vote.kind !== 'nullify' && vote.block === block;
}
