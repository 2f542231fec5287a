// Snowman: a chain instead of single decisions. Every block runs one decision tree over its
// children, and a vote for a block is a vote for all its ancestors ("Topological" in avalanchego).

import type { Digest } from '@starling/shared';
import { Bag } from './bag.ts';
import { DecisionTree } from './decision-tree.ts';
import type { TreeRules } from './tree-node.ts';

export interface SnowmanBlock {
  readonly id: Digest;
  readonly parent: Digest;
  readonly height: number;
}

export type AddOutcome = 'added' | 'duplicate' | 'decided' | 'unknown-parent' | 'wrong-height';

export interface SnowmanOutcome {
  /** Oldest first. */
  readonly accepted: readonly Digest[];
  readonly rejected: readonly Digest[];
  /** Some undecided bit of some block got at least alphaPreference votes. */
  readonly successful: boolean;
}

interface ChainNode {
  readonly block: SnowmanBlock;
  readonly children: Set<Digest>;
  /** Over the children; none before the first child. */
  tree: DecisionTree | undefined;
  /** A poll failed above since the last visit: before its next poll this block's tree fails one. */
  shouldFalter: boolean;
}

interface Decisions {
  readonly accepted: Digest[];
  readonly rejected: Digest[];
}

/**
 * Invariant: holds the last accepted block and the undecided ones, each of which descends from it.
 * Invariant: a block is accepted only as a child of the last accepted block, so there is one chain.
 */
export class Snowman {
  readonly #rules: TreeRules;
  readonly #nodes = new Map<Digest, ChainNode>();
  readonly #preferredAt = new Map<number, Digest>();
  #lastAccepted: SnowmanBlock;
  #preference: Digest;

  constructor(rules: TreeRules, lastAccepted: SnowmanBlock) {
    this.#rules = rules;
    this.#lastAccepted = lastAccepted;
    this.#preference = lastAccepted.id;
    this.#insert(lastAccepted);
  }

  get lastAccepted(): SnowmanBlock {
    return this.#lastAccepted;
  }

  /** The tip of the preferred branch: what this member votes for and builds on. */
  get preference(): Digest {
    return this.#preference;
  }

  /** Undecided blocks. */
  get processing(): number {
    return this.#nodes.size - 1;
  }

  isProcessing(id: Digest): boolean {
    return this.#nodes.has(id) && id !== this.#lastAccepted.id;
  }

  /** The parent of an undecided block; undefined for any other. */
  parentOf(id: Digest): Digest | undefined {
    return this.isProcessing(id) ? this.#nodes.get(id)?.block.parent : undefined;
  }

  isPreferred(id: Digest): boolean {
    const height = this.#nodes.get(id)?.block.height;
    return height !== undefined && this.preferenceAtHeight(height) === id;
  }

  /** The preferred block of a height; undefined below the last accepted one and above the tip. */
  preferenceAtHeight(height: number): Digest | undefined {
    const { id, height: accepted } = this.#lastAccepted;
    return height === accepted ? id : this.#preferredAt.get(height);
  }

  /** Takes in a block whose content is valid on its parent. */
  add(block: SnowmanBlock): AddOutcome {
    if (this.#nodes.has(block.id)) return 'duplicate';
    if (block.height <= this.#lastAccepted.height) return 'decided';
    const parent = this.#nodes.get(block.parent);
    if (parent === undefined) return 'unknown-parent';
    if (block.height !== parent.block.height + 1) return 'wrong-height';
    parent.children.add(block.id);
    if (parent.tree === undefined) parent.tree = new DecisionTree(this.#rules, block.id);
    else parent.tree.add(block.id);
    this.#insert(block);
    if (this.#preference === block.parent) this.#prefer(block);
    return 'added';
  }

  /**
   * Applies a poll of at most k votes. Votes for unknown or decided blocks are dropped. Blocks
   * whose descendants got alphaPreference votes lie on one path, which is voted on from the last
   * accepted block up; everything beside the path falters.
   */
  recordPoll(votes: Bag<Digest>): SnowmanOutcome {
    const decisions: Decisions = { accepted: [], rejected: [] };
    const childVotes = this.#transitiveVotes(votes);
    let at: Digest | undefined = this.#lastAccepted.id;
    if (!this.#reaches(childVotes.get(at))) {
      const root = this.#nodes.get(at);
      if (root !== undefined) root.shouldFalter = true;
      return { ...decisions, successful: false };
    }
    let successful = false;
    let preferred: Digest = at;
    let isOnPreferred = true;
    while (at !== undefined) {
      const node = this.#nodes.get(at);
      const cast = childVotes.get(at);
      if (node?.tree === undefined || cast === undefined) break;
      const next = this.#heaviestOf(cast, childVotes);
      const mustFalter = node.shouldFalter;
      if (mustFalter) node.tree.recordUnsuccessfulPoll();
      node.shouldFalter = false;
      if (node.tree.recordPoll(cast)) successful = true;
      if (node.tree.finalized && at === this.#lastAccepted.id) this.#accept(node, decisions);
      const { preference } = node.tree;
      if (isOnPreferred) preferred = preference;
      isOnPreferred &&= next === preference;
      this.#falter(node, mustFalter ? undefined : next);
      at = next;
    }
    this.#preferBranchOf(preferred);
    return { ...decisions, successful };
  }

  #insert(block: SnowmanBlock): void {
    const node = { block, children: new Set<Digest>(), tree: undefined, shouldFalter: false };
    this.#nodes.set(block.id, node);
  }

  #prefer({ id, height }: SnowmanBlock): void {
    this.#preference = id;
    this.#preferredAt.set(height, id);
  }

  #reaches(votes: Bag<Digest> | undefined): boolean {
    return votes !== undefined && votes.size >= this.#rules.alphaPreference;
  }

  /** The votes that each block's children got, highest blocks first handing theirs to the parent. */
  #transitiveVotes(votes: Bag<Digest>): Map<Digest, Bag<Digest>> {
    const levels = new Map<number, Bag<Digest>>();
    let top = this.#lastAccepted.height;
    for (const [id, count] of votes) {
      const height = this.isProcessing(id) ? this.#nodes.get(id)?.block.height : undefined;
      if (height === undefined) continue;
      bagAt(levels, height).add(id, count);
      top = Math.max(top, height);
    }
    const childVotes = new Map<Digest, Bag<Digest>>();
    for (let height = top; height > this.#lastAccepted.height; height -= 1) {
      for (const [id, count] of bagAt(levels, height)) {
        const parent = this.parentOf(id);
        if (parent === undefined) continue;
        bagAt(childVotes, parent).add(id, count);
        bagAt(levels, height - 1).add(parent, count);
      }
    }
    return childVotes;
  }

  /** The child whose own children got alphaPreference votes; at most one has. */
  #heaviestOf(cast: Bag<Digest>, childVotes: ReadonlyMap<Digest, Bag<Digest>>): Digest | undefined {
    for (const [child] of cast) if (this.#reaches(childVotes.get(child))) return child;
    return undefined;
  }

  #falter({ children }: ChainNode, except: Digest | undefined): void {
    for (const id of children) {
      const child = id === except ? undefined : this.#nodes.get(id);
      if (child !== undefined) child.shouldFalter = true;
    }
  }

  /** Accepts the child that the tree decided for and rejects its siblings with all descendants. */
  #accept({ block, children, tree }: ChainNode, { accepted, rejected }: Decisions): void {
    const child = tree && this.#nodes.get(tree.preference);
    if (child === undefined) return;
    this.#nodes.delete(block.id);
    this.#lastAccepted = child.block;
    this.#preferredAt.delete(child.block.height);
    accepted.push(child.block.id);
    const doomed = [...children].filter((id) => id !== child.block.id);
    for (let id = doomed.pop(); id !== undefined; id = doomed.pop()) {
      doomed.push(...(this.#nodes.get(id)?.children ?? []));
      this.#nodes.delete(id);
      rejected.push(id);
    }
  }

  /** Makes the branch through a block the preferred one: its ancestors, then the trees' choices. */
  #preferBranchOf(id: Digest): void {
    const start = this.#nodes.get(id);
    if (start === undefined || this.#preferredAt.get(start.block.height) === id) return;
    this.#preferredAt.clear();
    this.#preference = this.#lastAccepted.id;
    let above: Digest | undefined = id;
    while (above !== undefined && this.isProcessing(above)) {
      const node = this.#nodes.get(above);
      if (node !== undefined) this.#preferredAt.set(node.block.height, above);
      above = node?.block.parent;
    }
    let node: ChainNode | undefined = start;
    while (node !== undefined) {
      if (this.isProcessing(node.block.id)) this.#prefer(node.block);
      node = node.tree && this.#nodes.get(node.tree.preference);
    }
  }
}

function bagAt<Key>(bags: Map<Key, Bag<Digest>>, key: Key): Bag<Digest> {
  let bag = bags.get(key);
  if (bag === undefined) {
    bag = new Bag<Digest>();
    bags.set(key, bag);
  }
  return bag;
}
