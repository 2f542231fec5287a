// Meter over prom-client with a registry of its own, so that several peers live in one process.

import type { Labels, Meter } from '@starling/shared';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Different label sets of one metric; later ones are counted under `overflow` labels. */
export const LABEL_SETS_MAX = 256;
/** Metrics of one registry; later ones are dropped. */
const METRICS_MAX = 1024;

/** Seconds, from a gossip hop to a long round. */
const BUCKETS_SECONDS = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000] as const;

/** One number of one metric, as the demo's report reads it. */
export interface MetricSample {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

type Kind = 'counter' | 'gauge' | 'histogram';
type Instrument = Counter | Gauge | Histogram;

interface Metric {
  readonly kind: Kind;
  readonly instrument: Instrument;
  readonly labelNames: readonly string[];
  readonly labelSets: Set<string>;
  /** Plain numbers for {@link PrometheusMeter.snapshot}: sums of counters, values of gauges. */
  readonly values: Map<string, { readonly labels: Labels; value: number; count: number }>;
}

export class PrometheusMeter implements Meter {
  readonly #registry = new Registry();
  readonly #metrics = new Map<string, Metric>();

  /** @param labels on every metric, for instance the site's name */
  constructor(labels: Labels = {}) {
    this.#registry.setDefaultLabels(labels);
  }

  count(name: string, amount = 1, labels: Labels = {}): void {
    this.#record('counter', name, labels, amount);
  }

  gauge(name: string, value: number, labels: Labels = {}): void {
    this.#record('gauge', name, labels, value);
  }

  observe(name: string, seconds: number, labels: Labels = {}): void {
    this.#record('histogram', name, labels, seconds);
  }

  /** The text that Prometheus scrapes. */
  expose(): Promise<string> {
    return this.#registry.metrics();
  }

  /** Value of the text's Content-Type header. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Every number now; a histogram gives its `_sum` and `_count`. */
  snapshot(): MetricSample[] {
    const samples: MetricSample[] = [];
    for (const [name, { kind, values }] of this.#metrics) {
      for (const { labels, value, count } of values.values()) {
        if (kind !== 'histogram') samples.push({ name, labels, value });
        else {
          samples.push({ name: `${name}_sum`, labels, value });
          samples.push({ name: `${name}_count`, labels, value: count });
        }
      }
    }
    return samples;
  }

  #record(kind: Kind, name: string, given: Labels, value: number): void {
    const metric = this.#metric(kind, name, given);
    if (metric === undefined || metric.kind !== kind || !Number.isFinite(value)) return;
    const labels = bounded(metric, given);
    const { instrument } = metric;
    if (instrument instanceof Counter) instrument.inc({ ...labels }, Math.max(0, value));
    else if (instrument instanceof Gauge) instrument.set({ ...labels }, value);
    else instrument.observe({ ...labels }, value);
    const key = keyOf(metric, labels);
    const sample = metric.values.get(key) ?? { labels, value: 0, count: 0 };
    sample.value = kind === 'gauge' ? value : sample.value + Math.max(0, value);
    sample.count++;
    metric.values.set(key, sample);
  }

  #metric(kind: Kind, name: string, labels: Labels): Metric | undefined {
    const known = this.#metrics.get(name);
    if (known !== undefined || this.#metrics.size >= METRICS_MAX) return known;
    const labelNames = Object.keys(labels).sort();
    const instrument = createInstrument(kind, name, labelNames, this.#registry);
    const metric = {
      kind,
      instrument,
      labelNames,
      labelSets: new Set<string>(),
      values: new Map(),
    };
    this.#metrics.set(name, metric);
    return metric;
  }
}

function createInstrument(kind: Kind, name: string, labelNames: string[], registry: Registry) {
  const options = { name, help: helpOf(name), labelNames, registers: [registry] };
  if (kind === 'counter') return new Counter(options);
  if (kind === 'gauge') return new Gauge(options);
  return new Histogram({ ...options, buckets: [...BUCKETS_SECONDS] });
}

/** `starling_bus_sent_bytes_total` reads "bus sent bytes total". */
function helpOf(name: string): string {
  return name.replace(/^starling_/, '').replaceAll('_', ' ');
}

/** The labels a metric was created with; `overflow` once it has too many different ones. */
function bounded(metric: Metric, given: Labels): Labels {
  const labels = pick(metric, (name) => given[name] ?? '');
  const key = keyOf(metric, labels);
  if (metric.labelSets.has(key)) return labels;
  if (metric.labelSets.size >= LABEL_SETS_MAX) return pick(metric, () => 'overflow');
  metric.labelSets.add(key);
  return labels;
}

function pick(metric: Metric, labelOf: (name: string) => string): Labels {
  return Object.fromEntries(metric.labelNames.map((name) => [name, labelOf(name)]));
}

function keyOf(metric: Metric, labels: Labels): string {
  return JSON.stringify(metric.labelNames.map((name) => labels[name]));
}
