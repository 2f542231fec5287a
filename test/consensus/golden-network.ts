// The network of avalanchego's snowball tests: one random running node polls per round, over all
// nodes, itself included. With the same random stream it makes the same polls.

import { createHash, type Hash } from 'node:crypto';
import {
  Bag,
  DecisionTree,
  type InstanceRules,
  instancesOf,
  type Mt19937,
  type SnowKind,
  UniformSampler,
} from '@starling/consensus';
import type { Digest } from '@starling/shared';
import { Flat } from './flat.ts';

/** What a node of the network runs. */
export interface GoldenNode {
  readonly preference: Digest;
  readonly finalized: boolean;
  recordPoll(votes: Bag<Digest>): unknown;
}

export type GoldenShape = 'tree' | 'flat' | 'byzantine';

export interface GoldenParameters extends InstanceRules {
  readonly k: number;
}

export function goldenParameters(k: number, aP: number, aC: number, beta: number) {
  return { k, alphaPreference: aP, conditions: [{ alphaConfidence: aC, beta }] };
}

/** Colour i: SHA-256 over i as eight bytes and 32 zero bytes. */
export function colorOf(index: bigint): Digest {
  const bytes = Buffer.alloc(40);
  bytes.writeBigUInt64BE(index);
  return createHash('sha256').update(bytes).digest('hex') as Digest;
}

export class GoldenNetwork {
  readonly colors: readonly Digest[];
  readonly nodes: GoldenNode[] = [];
  readonly running: GoldenNode[] = [];
  polls = 0;
  readonly #kind: SnowKind;
  readonly #parameters: GoldenParameters;
  readonly #sampler: UniformSampler;
  readonly #indices: ReadonlyMap<Digest, number>;
  readonly #digest: Hash = createHash('sha256');

  constructor(kind: SnowKind, parameters: GoldenParameters, colors: number, random: Mt19937) {
    this.#kind = kind;
    this.#parameters = parameters;
    this.#sampler = new UniformSampler(random);
    this.colors = Array.from({ length: colors }, (_, i) => colorOf(BigInt(i)));
    this.#indices = new Map(this.colors.map((color, i) => [color, i]));
  }

  /** Nodes that prefer the first of a random order of all colours. */
  addNodes(count: number, shape: GoldenShape): void {
    for (let i = 0; i < count; i += 1) {
      this.#sampler.initialize(this.colors.length);
      this.addNode(shape, this.#sampler.sample(this.colors.length) ?? []);
    }
  }

  addNode(shape: GoldenShape, order: readonly number[]): void {
    const [first, ...rest] = order.flatMap((index) => this.colors[index] ?? []);
    if (first === undefined) throw new Error('a node needs a colour');
    const node = this.#start(shape, first, rest);
    this.nodes.push(node);
    if (!node.finalized) this.running.push(node);
  }

  /** One poll of one random running node. */
  round(): void {
    this.#sampler.initialize(this.running.length);
    const index = this.#sampler.next() ?? 0;
    const node = this.running[index];
    if (node === undefined) return;
    this.#sampler.initialize(this.nodes.length);
    const votes = new Bag<Digest>();
    const count = Math.min(this.#parameters.k, this.nodes.length);
    for (let i = 0; i < count; i += 1) {
      const peer = this.nodes[this.#sampler.next() ?? 0];
      if (peer !== undefined) votes.add(peer.preference);
    }
    node.recordPoll(votes);
    this.polls += 1;
    const last = this.running.at(-1);
    if (!node.finalized || last === undefined) return;
    this.running[index] = last;
    this.running.pop();
  }

  /** Runs until all nodes are final, at most `pollsMax` polls. */
  run(pollsMax = 1_000_000): { first: number; digest: string } {
    this.#note();
    const started = this.running.length;
    let first = 0;
    while (this.running.length > 0 && this.polls < pollsMax) {
      this.round();
      if (first === 0 && this.running.length < started) first = this.polls;
      if (this.polls % 100 === 0) this.#note();
    }
    this.#note();
    return { first, digest: this.#digest.copy().digest('hex').slice(0, 16) };
  }

  /** How many nodes prefer each colour: `{0:55 1:45 }`. */
  tally(): string {
    const counts = new Bag<number>();
    for (const node of this.nodes) counts.add(this.#indexOf(node));
    const sorted = [...counts].sort(([a], [b]) => a - b);
    return `{${sorted.map(([index, count]) => `${index}:${count} `).join('')}}`;
  }

  agree(): boolean {
    return new Set(this.nodes.map(({ preference }) => preference)).size <= 1;
  }

  /** Two nodes are final for different colours. */
  disagree(): boolean {
    const final = this.nodes.filter(({ finalized }) => finalized);
    return new Set(final.map(({ preference }) => preference)).size > 1;
  }

  #start(shape: GoldenShape, first: Digest, rest: readonly Digest[]): GoldenNode {
    if (shape === 'byzantine') return { preference: first, finalized: true, recordPoll: () => {} };
    const start = instancesOf(this.#kind, this.#parameters);
    if (shape === 'flat') return new Flat(start(first));
    const { alphaPreference } = this.#parameters;
    const tree = new DecisionTree({ alphaPreference, start }, first);
    for (const color of rest) tree.add(color);
    return tree;
  }

  #indexOf({ preference }: GoldenNode): number {
    return this.#indices.get(preference) ?? -1;
  }

  #note(): void {
    const states = Buffer.alloc(3 * this.nodes.length);
    for (const [i, node] of this.nodes.entries()) {
      states.writeUInt16BE(this.#indexOf(node), 3 * i);
      states.writeUInt8(node.finalized ? 1 : 0, 3 * i + 2);
    }
    this.#digest.update(states);
  }
}
