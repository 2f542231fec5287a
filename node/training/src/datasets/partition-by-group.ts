import { seededUniforms } from '../seeded-random.ts';
import {
  checkPartition,
  type Labels,
  type Partition,
  type PartitionOptions,
  refuse,
  rowsByLabel,
} from './partition.ts';

export interface ByGroupOptions extends PartitionOptions {
  /** q: the share of a label's rows that goes to the label's own group; 1/labels is IID. */
  readonly bias: number;
}

/**
 * As many groups of clients as there are labels: a row goes to its label's group with probability q,
 * else to another group, and there to any client (Fang et al. 2020, section 5.1).
 *
 * @throws TrainingError `invalid-options`, naming the violated rule
 */
export function partitionByGroup(labels: Labels, options: ByGroupOptions): Partition {
  const { bias, clients, seed } = options;
  checkPartition(labels.length, options);
  if (!(bias >= 0 && bias <= 1)) refuse(`bias is ${bias}: a number 0 … 1`);
  const groups = rowsByLabel(labels).length;
  if (clients % groups !== 0) refuse(`${clients} clients do not make ${groups} equal groups`);
  const size = clients / groups;
  const uniform = seededUniforms(seed);
  const below = (limit: number) => Math.floor(uniform() * limit);
  const dealt: number[][] = Array.from({ length: clients }, () => []);
  for (const [row, label] of labels.entries()) {
    const isOwn = uniform() < bias || groups === 1;
    const group = isOwn ? label : (label + 1 + below(groups - 1)) % groups;
    dealt[group * size + below(size)]?.push(row);
  }
  return dealt.map((rows) => Int32Array.from(rows));
}
