import { seededUniforms, shuffle } from '../seeded-random.ts';
import {
  checkPartition,
  checkWhole,
  cutEvenly,
  type Labels,
  merged,
  type Partition,
  type PartitionOptions,
  refuse,
  rowsByLabel,
} from './partition.ts';

export interface ByLabelOptions extends PartitionOptions {
  readonly labelsPerClient: number;
}

/**
 * Gives each client rows of exactly `labelsPerClient` labels: client i has label i (modulo their
 * number) and others at random; a label's rows are dealt evenly among those who have it (Li et al.
 * 2022, "Federated Learning on Non-IID Data Silos", #C = k). Labels that no client has stay out.
 *
 * @throws TrainingError `invalid-options`, naming the violated rule
 */
export function partitionByLabel(labels: Labels, options: ByLabelOptions): Partition {
  const { clients, labelsPerClient, seed } = options;
  checkPartition(labels.length, options);
  const groups = rowsByLabel(labels).filter(({ length }) => length > 0);
  checkWhole('labelsPerClient', labelsPerClient, groups.length);
  const uniform = seededUniforms(seed);
  const owners: number[][] = groups.map(() => []);
  for (let client = 0; client < clients; client++) {
    for (const label of drawLabels(client, groups.length, labelsPerClient, uniform)) {
      owners[label]?.push(client);
    }
  }
  const dealt: Int32Array[][] = Array.from({ length: clients }, () => []);
  for (const [label, rows] of groups.entries()) {
    const own = owners[label] ?? [];
    if (own.length === 0) continue;
    if (own.length > rows.length) {
      refuse(`label group ${label} has ${rows.length} rows for ${own.length} clients`);
    }
    shuffle(rows, uniform);
    for (const [i, part] of cutEvenly(rows, own.length).entries()) dealt[own[i] ?? 0]?.push(part);
  }
  return dealt.map(merged);
}

function drawLabels(
  client: number,
  labels: number,
  count: number,
  uniform: () => number,
): Int32Array {
  const first = client % labels;
  const others = Int32Array.from({ length: labels - 1 }, (_, i) => (i < first ? i : i + 1));
  shuffle(others, uniform);
  return Int32Array.of(first, ...others.subarray(0, count - 1));
}
