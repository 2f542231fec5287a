// A node of the decision tree where choices part: a binary instance over one bit.

import type { Digest } from '@starling/shared';
import { type Bit, bitOf, firstDifference } from './bits.ts';
import type { SnowInstance } from './snow-instance.ts';
import {
  describeInstance,
  filterVotes,
  type PolledNode,
  sizeOf,
  splitVotes,
  type TreeNode,
  type TreeNodeView,
  type TreeRules,
  type VoteCount,
} from './tree-node.ts';

/** One side of the bit. */
interface Branch {
  preference: Digest;
  /** Nobody when the bit is the last one. */
  child: TreeNode | undefined;
  shouldReset: boolean;
}

/** Invariant: both branches have a child or none has. */
export class BinaryNode implements TreeNode {
  readonly #rules: TreeRules;
  readonly #bit: number;
  readonly #instance: SnowInstance<Bit>;
  readonly #branches: readonly [Branch, Branch];

  constructor(
    rules: TreeRules,
    bit: number,
    instance: SnowInstance<Bit>,
    branches: readonly [Branch, Branch],
  ) {
    this.#rules = rules;
    this.#bit = bit;
    this.#instance = instance;
    this.#branches = branches;
  }

  get preference(): Digest {
    return this.#branches[this.#instance.preference].preference;
  }

  get decidedPrefix(): number {
    return this.#bit;
  }

  get finalized(): boolean {
    return this.#instance.finalized;
  }

  /** A choice that contradicts what its branch has decided already is left out. */
  add(choice: Digest): TreeNode {
    const branch = this.#branches[bitOf(choice, this.#bit)];
    const { child, preference } = branch;
    if (child === undefined) return this;
    const from = this.#bit + 1;
    if (firstDifference(from, child.decidedPrefix, preference, choice) === undefined) {
      branch.child = child.add(choice);
    }
    return this;
  }

  recordPoll(votes: readonly VoteCount[], shouldReset: boolean): PolledNode {
    const { alphaPreference } = this.#rules;
    const halves = splitVotes(votes, this.#bit);
    const bit: Bit = sizeOf(halves[1]) >= alphaPreference ? 1 : 0;
    const branch = this.#branches[bit];
    if (shouldReset) {
      this.#instance.recordUnsuccessfulPoll();
      branch.shouldReset = true;
    }
    this.#branches[bit === 0 ? 1 : 0].shouldReset = true;

    const count = sizeOf(halves[bit]);
    if (count < alphaPreference) {
      this.#instance.recordUnsuccessfulPoll();
      branch.shouldReset = true;
      return { node: this, successful: false };
    }
    this.#instance.recordPoll(count, bit);
    if (branch.child !== undefined) {
      const { child, preference } = branch;
      const passed = filterVotes(halves[bit], this.#bit + 1, child.decidedPrefix, preference);
      const polled = child.recordPoll(passed, branch.shouldReset);
      // Only this poll can have decided the instance, and then for this bit.
      if (this.#instance.finalized) return { node: polled.node, successful: true };
      branch.child = polled.node;
      branch.preference = polled.node.preference;
    }
    branch.shouldReset = false;
    return { node: this, successful: true };
  }

  describe(): TreeNodeView {
    return {
      bits: [this.#bit, this.#bit + 1],
      preferred: this.#instance.preference,
      ...describeInstance<Bit>(this.#instance, [0, 1]),
      children: this.#branches.flatMap(({ child }) => (child ? [child.describe()] : [])),
    };
  }
}
