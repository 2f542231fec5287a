// The registered nodes of a simulation: names, and a config that is made when a node is asked.

import type { ClientInfo } from '@starling/rules';
import { AppError, type ConfigRecord } from '@starling/shared';
import { NODES_MAX } from './app/app-folder.ts';

export interface VirtualNodes {
  /** Ascending. */
  readonly clients: readonly ClientInfo[];
  readonly configOf: (node: string) => ConfigRecord;
}

/**
 * Nodes by count, `node-0042` with zeros in front so that their names sort as their numbers, or by name.
 *
 * @throws AppError `invalid-options` for no nodes, too many, or two of one name
 */
export function virtualNodes(
  nodes: number | readonly string[],
  nodeConfig?: (node: string, index: number) => ConfigRecord,
): VirtualNodes {
  const count = typeof nodes === 'number' ? nodes : nodes.length;
  if (!Number.isInteger(count) || count < 1 || count > NODES_MAX) {
    throw new AppError('invalid-options', `nodes is ${count}: a whole number 1 … ${NODES_MAX}`);
  }
  const digits = String(count - 1).length;
  const names =
    typeof nodes === 'number'
      ? Array.from({ length: count }, (_, i) => `node-${String(i).padStart(digits, '0')}`)
      : [...nodes].sort();
  const twice = names.find((name, i) => i > 0 && name === names[i - 1]);
  if (twice !== undefined) throw new AppError('invalid-options', `two nodes are called ${twice}`);
  const indexOf = indexer(names, nodes);
  return {
    clients: names.map((node) => ({ node, examples: undefined })),
    configOf: (node) => {
      const index = indexOf(node);
      return nodeConfig?.(node, index) ?? { 'partition-id': index, 'num-partitions': count };
    },
  };
}

/** The place of a node in what the caller gave. */
function indexer(names: readonly string[], nodes: number | readonly string[]) {
  if (typeof nodes === 'number') return (node: string) => Number(node.slice('node-'.length));
  const places = new Map(nodes.map((name, i) => [name, i]));
  return (node: string) => places.get(node) ?? names.indexOf(node);
}
