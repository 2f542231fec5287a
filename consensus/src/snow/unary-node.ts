// A node of the decision tree over a range of bits on which all choices below agree: many equal
// unary instances, held as one until a new choice parts from the others within the range.

import type { Digest } from '@starling/shared';
import { BinaryNode } from './binary-node.ts';
import { type Bit, bitOf, DIGEST_BITS, firstDifference } from './bits.ts';
import type { SnowInstance } from './snow-instance.ts';
import {
  describeInstance,
  type PolledNode,
  sizeOf,
  type TreeNode,
  type TreeNodeView,
  type TreeRules,
  type VoteCount,
} from './tree-node.ts';

/** The only choice of a unary instance. */
const ALL = 'all';

interface UnaryState {
  preference: Digest;
  decidedPrefix: number;
  /** End of the range, exclusive. */
  commonPrefix: number;
  readonly instance: SnowInstance<typeof ALL>;
  child: TreeNode | undefined;
  shouldReset: boolean;
}

/** Invariant: 0 <= decidedPrefix < commonPrefix <= 256. */
export class UnaryNode implements TreeNode {
  readonly #rules: TreeRules;
  readonly #state: UnaryState;

  private constructor(rules: TreeRules, state: UnaryState) {
    this.#rules = rules;
    this.#state = state;
  }

  /** A choice alone from bit `decidedPrefix` on. */
  static alone(rules: TreeRules, preference: Digest, decidedPrefix: number): UnaryNode {
    return new UnaryNode(rules, {
      preference,
      decidedPrefix,
      commonPrefix: DIGEST_BITS,
      instance: rules.start(ALL),
      child: undefined,
      shouldReset: false,
    });
  }

  get preference(): Digest {
    return this.#state.preference;
  }

  get decidedPrefix(): number {
    return this.#state.decidedPrefix;
  }

  get finalized(): boolean {
    return this.#state.instance.finalized;
  }

  add(choice: Digest): TreeNode {
    if (this.finalized) return this;
    const { decidedPrefix, commonPrefix, preference, child } = this.#state;
    const index = firstDifference(decidedPrefix, commonPrefix, preference, choice);
    if (index !== undefined) return this.#split(index, choice);
    // A range ends before its child, so a choice that agrees with it agrees with the child.
    if (child !== undefined) this.#state.child = child.add(choice);
    return this;
  }

  recordPoll(votes: readonly VoteCount[], shouldReset: boolean): PolledNode {
    const state = this.#state;
    if (shouldReset) {
      state.instance.recordUnsuccessfulPoll();
      state.shouldReset = true;
    }
    const count = sizeOf(votes);
    if (count < this.#rules.alphaPreference) {
      state.instance.recordUnsuccessfulPoll();
      state.shouldReset = true;
      return { node: this, successful: false };
    }
    state.instance.recordPoll(count, ALL);
    if (state.child !== undefined) {
      const { node } = state.child.recordPoll(votes, state.shouldReset);
      if (this.finalized) return { node, successful: true };
      state.child = node;
      state.preference = node.preference;
    }
    state.shouldReset = false;
    return { node: this, successful: true };
  }

  describe(): TreeNodeView {
    const { decidedPrefix, commonPrefix, instance, child } = this.#state;
    return {
      bits: [decidedPrefix, commonPrefix],
      preferred: undefined,
      ...describeInstance(instance, [ALL]),
      children: child === undefined ? [] : [child.describe()],
    };
  }

  /**
   * Cuts the range at `index`, where `choice` parts: the bits before stay a unary node (none when
   * it was the first bit), the bit becomes a binary one, and the bits behind stay below the old
   * preference (none when it was the last bit: the old child takes their place).
   */
  #split(index: number, choice: Digest): TreeNode {
    const { instance, decidedPrefix, commonPrefix, preference, shouldReset } = this.#state;
    const bit = bitOf(preference, index);
    const behind =
      index + 1 === commonPrefix ? this.#state.child : this.#part({ decidedPrefix: index + 1 });
    const beside = behind && UnaryNode.alone(this.#rules, choice, index + 1);
    const old = { preference, child: behind, shouldReset };
    const added = { preference: choice, child: beside, shouldReset };
    const parting = new BinaryNode(
      this.#rules,
      index,
      instance.extend<Bit>(bit),
      bit === 0 ? [old, added] : [added, old],
    );
    if (index === decidedPrefix) return parting;
    return this.#part({ commonPrefix: index, child: parting });
  }

  /** A part of the range, which has seen the same polls as the whole. */
  #part(change: Partial<UnaryState>): UnaryNode {
    const instance = this.#state.instance.extend<typeof ALL>(ALL);
    return new UnaryNode(this.#rules, { ...this.#state, instance, ...change });
  }
}
