import { seededUniforms, shuffle } from '../seeded-random.ts';
import {
  checkPartition,
  cutEvenly,
  merged,
  type Partition,
  type PartitionOptions,
} from './partition.ts';

/**
 * Deals shuffled rows out evenly: the sizes differ by one at most (McMahan et al. 2017, IID).
 *
 * @throws TrainingError `invalid-options`, naming the violated rule
 */
export function partitionIid(rows: number, options: PartitionOptions): Partition {
  checkPartition(rows, options);
  const order = Int32Array.from({ length: rows }, (_, row) => row);
  shuffle(order, seededUniforms(options.seed));
  return cutEvenly(order, options.clients).map((part) => merged([part]));
}
