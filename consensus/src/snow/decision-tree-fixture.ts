// Decision trees for tests, and a short way to write down how one looks.

import type { Digest } from '@starling/shared';
import { Bag } from './bag.ts';
import { DecisionTree } from './decision-tree.ts';
import { DEFAULT_SNOW_PARAMETERS, instanceRules, instancesOf } from './parameters.ts';
import type { TreeNodeView } from './tree-node.ts';

/** A Snowball tree; `alphas` are alphaPreference and alphaConfidence. */
export function treeOf(
  beta: number,
  choices: readonly [Digest, ...Digest[]],
  alphas: readonly [number, number] = [1, 1],
): DecisionTree {
  const [alphaPreference, alphaConfidence] = alphas;
  const rules = instanceRules({
    ...DEFAULT_SNOW_PARAMETERS,
    alphaPreference,
    alphaConfidence,
    beta,
  });
  const [first, ...others] = choices;
  const start = instancesOf('snowball', rules);
  const tree = new DecisionTree({ alphaPreference, start }, first);
  for (const choice of others) tree.add(choice);
  return tree;
}

export function poll(tree: DecisionTree, ...votes: readonly Digest[]): boolean {
  return tree.recordPoll(Bag.of(...votes));
}

/**
 * One line per node, children indented, bit 0 first. A range: `[0,255) won 1 row 1`; a parting:
 * `bit 3 prefers 1 won 0:2 row 2`; `final` at the end where it is decided.
 */
export function drawn(tree: DecisionTree): string[] {
  return linesOf(tree.describe(), '');
}

function linesOf(node: TreeNodeView, indent: string): string[] {
  const { bits, preferred, strengths, confidence, finalized, children } = node;
  const where = preferred === undefined ? `[${bits})` : `bit ${bits[0]} prefers ${preferred}`;
  const counts = `won ${strengths.join(':')} row ${confidence.join(',')}`;
  const line = `${indent}${where} ${counts}${finalized ? ' final' : ''}`;
  return [line, ...children.flatMap((child) => linesOf(child, `${indent}  `))];
}
