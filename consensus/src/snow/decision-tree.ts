// Many choices as a tree of bits: digests share a unary instance as long as they agree and part at
// a binary one. Votes for different choices then still help each other on the bits they share,
// where an n-ary instance over many colours stalls (avalanchego, snowball tree).

import type { Digest } from '@starling/shared';
import type { Bag } from './bag.ts';
import { firstDifference } from './bits.ts';
import { filterVotes, type TreeNode, type TreeNodeView, type TreeRules } from './tree-node.ts';
import { UnaryNode } from './unary-node.ts';

/**
 * Invariant: votes that a node gets agree with all that was decided above it. A branch that did
 * not get alphaPreference votes is only marked (`shouldReset`) and loses its confidence when a
 * poll next reaches it, so a poll costs one path and not the tree.
 */
export class DecisionTree {
  #root: TreeNode;
  #shouldReset = false;

  constructor(rules: TreeRules, choice: Digest) {
    this.#root = UnaryNode.alone(rules, choice, 0);
  }

  get preference(): Digest {
    return this.#root.preference;
  }

  get finalized(): boolean {
    return this.#root.finalized;
  }

  /** Takes in one more choice, unless the bits decided so far rule it out. */
  add(choice: Digest): void {
    const { decidedPrefix, preference } = this.#root;
    if (firstDifference(0, decidedPrefix, preference, choice) !== undefined) return;
    this.#root = this.#root.add(choice);
  }

  /** Applies a poll; true when some undecided bit got at least alphaPreference votes. */
  recordPoll(votes: Bag<Digest>): boolean {
    const counts = Array.from(votes, ([choice, count]) => ({ choice, count }));
    const { decidedPrefix, preference } = this.#root;
    const valid = filterVotes(counts, 0, decidedPrefix, preference);
    const { node, successful } = this.#root.recordPoll(valid, this.#shouldReset);
    this.#root = node;
    this.#shouldReset = false;
    return successful;
  }

  /** A poll that did not even reach this tree with alphaPreference votes. */
  recordUnsuccessfulPoll(): void {
    this.#shouldReset = true;
  }

  describe(): TreeNodeView {
    return this.#root.describe();
  }
}
