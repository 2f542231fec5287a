// Metrics of many replies as one record: weighted means, number by number, in constant memory.

import type { MetricRecord } from '@starling/shared';

interface Mean {
  readonly isList: boolean;
  readonly sums: number[];
  weight: number;
}

/** Names that are kept; replies may bring no more between them. */
export const METRIC_NAMES_MAX = 256;

const EXAMPLES = 'num-examples';

/** Invariant: a mean covers the replies that report its metric; lists of unlike length have none. */
export class MetricMeans {
  readonly #means = new Map<string, Mean | 'unlike'>();
  readonly #counts = new Map<string, number>();
  readonly #weightedByKey: string;

  constructor(weightedByKey: string) {
    this.#weightedByKey = weightedByKey;
  }

  add(metrics: MetricRecord, weight: number): void {
    for (const [name, value] of Object.entries(metrics)) {
      if (typeof value === 'number' && (name === this.#weightedByKey || name === EXAMPLES)) {
        this.#counts.set(name, (this.#counts.get(name) ?? 0) + value);
      } else {
        this.#addTo(name, value, weight);
      }
    }
  }

  /** The means by name, and the sums of counts. */
  result(): MetricRecord {
    const entries: [string, number | readonly number[]][] = [...this.#counts];
    for (const [name, mean] of this.#means) {
      if (mean === 'unlike') continue;
      const values = mean.sums.map((sum) => sum / mean.weight);
      entries.push([name, mean.isList ? values : (values[0] as number)]);
    }
    return Object.fromEntries(entries);
  }

  #addTo(name: string, value: number | readonly number[], weight: number): void {
    const values = typeof value === 'number' ? [value] : value;
    const mean = this.#means.get(name);
    if (mean === undefined) {
      if (this.#means.size >= METRIC_NAMES_MAX) return;
      const sums = values.map((number) => number * weight);
      this.#means.set(name, { isList: typeof value !== 'number', sums, weight });
      return;
    }
    if (mean === 'unlike') return;
    if (mean.isList !== (typeof value !== 'number') || mean.sums.length !== values.length) {
      this.#means.set(name, 'unlike');
      return;
    }
    mean.weight += weight;
    for (const [i, number] of values.entries()) {
      mean.sums[i] = (mean.sums[i] as number) + number * weight;
    }
  }
}
