// One poll: which members were asked, what they answered, and whether answers still outstanding
// can change anything. Waiting for the slowest of k members would make every poll slow.

import type { Digest } from '@starling/shared';
import { Bag } from './bag.ts';
import { bitOf, DIGEST_BITS, firstDifference } from './bits.ts';
import type { InstanceRules } from './snow-instance.ts';

export interface Ancestry {
  /** The parent of an undecided block; undefined for any other. */
  parentOf(id: Digest): Digest | undefined;
}

export type AnswerOutcome = 'counted' | 'not-asked';

/** Invariant: a member that was drawn several times answers once, with that many votes. */
export class EarlyTermPoll {
  readonly #thresholds: readonly number[];
  readonly #ancestry: Ancestry;
  readonly #outstanding: Bag<number>;
  readonly #votes = new Bag<Digest>();
  #finished = false;

  constructor(rules: InstanceRules, asked: readonly number[], ancestry: Ancestry) {
    const { alphaPreference, conditions } = rules;
    this.#thresholds = [alphaPreference, ...conditions.map((each) => each.alphaConfidence)];
    this.#ancestry = ancestry;
    this.#outstanding = Bag.of(...asked);
  }

  get votes(): Bag<Digest> {
    return this.#votes;
  }

  /** Members that have not answered. */
  outstanding(): number[] {
    return Array.from(this.#outstanding, ([member]) => member);
  }

  /** The member was asked and has not answered. */
  awaits(member: number): boolean {
    return this.#outstanding.count(member) > 0;
  }

  /** Takes one answer per member asked. */
  vote(member: number, choice: Digest): AnswerOutcome {
    const count = this.#outstanding.remove(member);
    this.#votes.add(choice, count);
    return count > 0 ? 'counted' : 'not-asked';
  }

  /** The member will not answer, or said nothing of use. */
  drop(member: number): AnswerOutcome {
    return this.#outstanding.remove(member) > 0 ? 'counted' : 'not-asked';
  }

  /**
   * No answer is outstanding, or none can lift any count over a threshold: neither that of a block
   * nobody has voted for, nor of one with votes, of an ancestor, or of bits that blocks share.
   */
  get finished(): boolean {
    if (!this.#finished) {
      const remaining = this.#outstanding.size;
      this.#finished = remaining === 0 || !this.#canChange(remaining);
    }
    return this.#finished;
  }

  #canChange(remaining: number): boolean {
    const open = (count: number) =>
      this.#thresholds.some((alpha) => count < alpha && alpha <= count + remaining);
    return open(0) || this.#counts().some(open);
  }

  /** What every instance that got votes would see of this poll. */
  #counts(): number[] {
    const totals = new Bag<Digest>();
    const siblings = new Map<Digest, Set<Digest>>();
    for (const [choice, count] of this.#votes) {
      let id = choice;
      for (;;) {
        const parent = this.#ancestry.parentOf(id);
        if (parent === undefined) break;
        totals.add(id, count);
        siblings.set(parent, (siblings.get(parent) ?? new Set()).add(id));
        id = parent;
      }
    }
    const counts = Array.from(totals, ([, count]) => count);
    for (const children of siblings.values())
      counts.push(...prefixCounts([...children], totals, 0));
    return counts;
  }
}

/** Votes for each run of bits that several siblings share and for each side where they part. */
function prefixCounts(ids: readonly Digest[], totals: Bag<Digest>, from: number): number[] {
  const [first, ...others] = ids;
  if (first === undefined || others.length === 0) return [];
  let index = DIGEST_BITS;
  for (const other of others) index = firstDifference(from, index, first, other) ?? index;
  const halves: [Digest[], Digest[]] = [[], []];
  for (const id of ids) halves[bitOf(id, index)].push(id);
  const below = halves.flatMap((half) => prefixCounts(half, totals, index + 1));
  if (index === 0) return below;
  return [ids.reduce((sum, id) => sum + totals.count(id), 0), ...below];
}
