// An app whose model is four numbers: each site pulls them halfway towards a target of its own.

import { digestOf, payloadRef } from '@starling/crypto';
import type { AppWork, SiteApp } from '@starling/peer';
import { type AppTask, type ConfigRecord, tensorToBytes } from '@starling/shared';
import type { ExecutionContext } from 'ava';
import { type ClusterOptions, MemoryCluster } from './memory-cluster.ts';

export const TOY_START = Float32Array.of(0.1, 0.2, 0.3, 0.4);
const DIGEST = digestOf(new TextEncoder().encode('toy app'));

export function toyTask(strategy: string, options: ConfigRecord = {}): AppTask {
  return {
    config: JSON.stringify({ 'local-epochs': 1 }),
    digest: DIGEST,
    elements: TOY_START.length,
    initial: payloadRef(tensorToBytes(TOY_START)).root,
    name: 'toy',
    options: JSON.stringify(options),
    strategy,
  };
}

/** What a toy app was asked, and what it may answer instead. */
export class ToyApp implements SiteApp {
  readonly name = 'toy';
  digest = DIGEST;
  start = TOY_START;
  readonly asked: AppWork[] = [];
  readonly target: number;
  readonly examples: number;
  /** Replaced by tests of what breaks. */
  answer = (weights: Float32Array): Float32Array => {
    return weights.map((value) => value + 0.5 * (this.target - value));
  };

  constructor(target: number, examples: number) {
    this.target = target;
    this.examples = examples;
  }

  async initial(): Promise<Float32Array> {
    return this.start;
  }

  async train(work: AppWork) {
    this.asked.push(work);
    return { weights: this.answer(work.weights), examples: this.examples, loss: 0.25 };
  }

  async evaluate({ weights }: AppWork) {
    const mean = weights.reduce((sum, value) => sum + value, 0) / weights.length;
    return { distance: Math.abs(mean - this.target), 'num-examples': this.examples };
  }

  async stop(): Promise<void> {}
}

/** Sites with targets 0, 1, 2 … and 10, 20, 30 … examples, which have joined and run. */
export async function toyCluster(
  t: ExecutionContext,
  task: AppTask,
  options: Partial<ClusterOptions> = {},
): Promise<{ readonly cluster: MemoryCluster; readonly apps: readonly ToyApp[] }> {
  const app = { task, initial: TOY_START };
  const cluster = await MemoryCluster.found(t, { ...options, app });
  await cluster.admitAll();
  const apps = cluster.sites.map((_, i) => new ToyApp(i, 10 * (i + 1)));
  for (const [i, site] of cluster.sites.entries()) {
    site.app = apps[i];
    site.documents = [];
  }
  return { cluster, apps };
}
