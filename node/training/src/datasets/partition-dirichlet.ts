// Label skew by a Dirichlet distribution (Hsu et al. 2019; Yurochkin et al. 2019): for every label the
// clients' shares are drawn from Dirichlet(α). Options and defaults are Flower's.

import { seededUniforms, shuffle } from '../seeded-random.ts';
import { drawDirichlet } from './draw-dirichlet.ts';
import {
  checkPartition,
  type Labels,
  merged,
  type Partition,
  type PartitionOptions,
  refuse,
  rowsByLabel,
} from './partition.ts';

export interface DirichletOptions extends PartitionOptions {
  /** Small: few labels per client; large: nearly IID. */
  readonly alpha: number;
  /** Drawn anew until every client has as many rows. 10 when left out. */
  readonly minPartitionSize?: number;
  /** Clients that have their equal share of all rows get none of the labels that follow. */
  readonly selfBalancing?: boolean;
}

export const DIRICHLET_ALPHA_MIN = 1e-4;
export const DIRICHLET_ALPHA_MAX = 1e6;
export const DIRICHLET_DRAWS_MAX = 1000;

/**
 * Deals every label's rows by shares drawn from Dirichlet(α).
 *
 * @throws TrainingError `invalid-options`, naming the violated rule, also when no draw of
 *   `DIRICHLET_DRAWS_MAX` gives each client `minPartitionSize` rows
 */
export function partitionDirichlet(labels: Labels, options: DirichletOptions): Partition {
  const { clients, alpha, seed, minPartitionSize = 10, selfBalancing = false } = options;
  checkPartition(labels.length, options);
  if (!(alpha >= DIRICHLET_ALPHA_MIN && alpha <= DIRICHLET_ALPHA_MAX)) {
    refuse(`alpha is ${alpha}: a number ${DIRICHLET_ALPHA_MIN} … ${DIRICHLET_ALPHA_MAX}`);
  }
  const evenShare = labels.length / clients;
  if (!Number.isInteger(minPartitionSize) || minPartitionSize < 0 || minPartitionSize > evenShare) {
    refuse(`minPartitionSize is ${minPartitionSize}: a whole number 0 … ${Math.floor(evenShare)}`);
  }
  const groups = rowsByLabel(labels);
  const uniform = seededUniforms(seed);
  for (const rows of groups) shuffle(rows, uniform);
  for (let draw = 0; draw < DIRICHLET_DRAWS_MAX; draw++) {
    const ceiling = selfBalancing ? evenShare : Number.POSITIVE_INFINITY;
    const dealt = deal(groups, { clients, alpha, ceiling, uniform });
    if (dealt.every(({ length }) => length >= minPartitionSize)) return dealt;
  }
  refuse(
    `no draw of ${DIRICHLET_DRAWS_MAX} gave ${clients} clients ${minPartitionSize} rows each of ` +
      `${labels.length} at alpha ${alpha}; raise alpha or lower minPartitionSize`,
  );
}

interface Dealing {
  readonly clients: number;
  readonly alpha: number;
  /** Clients with as many rows get no more. */
  readonly ceiling: number;
  readonly uniform: () => number;
}

function deal(groups: readonly Int32Array[], dealing: Dealing): Int32Array[] {
  const { clients, alpha, ceiling, uniform } = dealing;
  const parts: Int32Array[][] = Array.from({ length: clients }, () => []);
  const sizes = new Int32Array(clients);
  for (const rows of groups) {
    const shares = drawDirichlet(clients, alpha, uniform);
    for (let i = 0; i < clients; i++) {
      if ((sizes[i] ?? 0) >= ceiling) shares[i] = 0;
    }
    const total = shares.reduce((sum, share) => sum + share, 0);
    let [before, from] = [0, 0];
    for (let i = 0; i < clients; i++) {
      before += shares[i] ?? 0;
      const to = i === clients - 1 ? rows.length : Math.floor((before / total) * rows.length);
      parts[i]?.push(rows.subarray(from, to));
      sizes[i] = (sizes[i] ?? 0) + to - from;
      from = to;
    }
  }
  return parts.map(merged);
}
