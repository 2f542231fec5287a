import { seededUniforms, shuffle } from '../seeded-random.ts';
import {
  checkPartition,
  checkWhole,
  cutEvenly,
  type Labels,
  merged,
  PARTITION_ROWS_MAX,
  type Partition,
  type PartitionOptions,
  refuse,
  rowsByLabel,
} from './partition.ts';

export interface ShardOptions extends PartitionOptions {
  /** 2 in the paper, so that most clients know two labels. */
  readonly shardsPerClient?: number;
}

/**
 * Sorts the rows by label, cuts them into equal shards and deals each client as many at random
 * (McMahan et al. 2017, section 3: the pathological non-IID partition).
 *
 * @throws TrainingError `invalid-options`, naming the violated rule
 */
export function partitionShards(labels: Labels, options: ShardOptions): Partition {
  const { clients, shardsPerClient = 2, seed } = options;
  checkPartition(labels.length, options);
  checkWhole('shardsPerClient', shardsPerClient, PARTITION_ROWS_MAX);
  const count = clients * shardsPerClient;
  if (count > labels.length) refuse(`${labels.length} rows are too few for ${count} shards`);
  const sorted = new Int32Array(labels.length);
  let at = 0;
  for (const rows of rowsByLabel(labels)) {
    sorted.set(rows, at);
    at += rows.length;
  }
  const shards = cutEvenly(sorted, count);
  const deal = Int32Array.from({ length: count }, (_, shard) => shard);
  shuffle(deal, seededUniforms(seed));
  return Array.from({ length: clients }, (_, client) => {
    const own = deal.subarray(client * shardsPerClient, (client + 1) * shardsPerClient);
    return merged([...own].map((shard) => shards[shard] as Int32Array));
  });
}
