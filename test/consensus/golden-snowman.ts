// The network of avalanchego's snowman tests: ten blocks in a random tree, one random running node
// polls per round, each node learns the blocks in a random order that keeps parents first.

import {
  Bag,
  instancesOf,
  Mt19937,
  nextUint64,
  type SnowKind,
  Snowman,
  type SnowmanBlock,
  UniformSampler,
} from '@starling/consensus';
import type { Digest } from '@starling/shared';
import { colorOf, type GoldenParameters } from './golden-network.ts';

export interface SnowmanRun {
  readonly polls: number;
  readonly agree: boolean;
  /** Of the last accepted block, in the order in which blocks were made. */
  readonly index: number;
  readonly height: number;
  readonly id: Digest;
}

const ROOT: SnowmanBlock = { id: '0'.repeat(64) as Digest, parent: '' as Digest, height: 0 };

/** Runs until every node has decided on all blocks; `kindOf` says what node i runs. */
export function runSnowman(
  parameters: GoldenParameters,
  blocksMade: number,
  nodesMade: number,
  kindOf: (node: number) => SnowKind,
  random = new Mt19937(),
): SnowmanRun {
  const sampler = new UniformSampler(random);
  const blocks = makeBlocks(blocksMade, random, sampler);
  const nodes = makeNodes(nodesMade, [...blocks], parameters, kindOf, sampler);
  const running = [...nodes];
  let polls = 0;
  while (running.length > 0) {
    sampler.initialize(running.length);
    const index = sampler.next() ?? 0;
    sampler.initialize(nodes.length);
    const asked = sampler.sample(parameters.k) ?? [];
    const votes = Bag.of(...asked.flatMap((peer) => nodes[peer]?.preference ?? []));
    const node = running[index];
    node?.recordPoll(votes);
    polls += 1;
    const last = running.at(-1);
    if (node?.processing !== 0 || last === undefined) continue;
    running[index] = last;
    running.pop();
  }
  const { id, height } = nodes[0]?.lastAccepted ?? ROOT;
  const agree = nodes.every(({ preference }) => preference === id);
  return { polls, agree, index: blocks.findIndex((block) => block.id === id), height, id };
}

function makeBlocks(count: number, random: Mt19937, sampler: UniformSampler): SnowmanBlock[] {
  const blocks: SnowmanBlock[] = [];
  for (let i = 0; i < count; i += 1) {
    sampler.initialize(blocks.length);
    const parent = (i === 0 ? undefined : blocks[sampler.next() ?? 0]) ?? ROOT;
    const id = colorOf(nextUint64(random));
    blocks.push({ id, parent: parent.id, height: parent.height + 1 });
  }
  return blocks;
}

function makeNodes(
  count: number,
  known: SnowmanBlock[],
  { alphaPreference, conditions }: GoldenParameters,
  kindOf: (node: number) => SnowKind,
  sampler: UniformSampler,
): Snowman[] {
  let order = known;
  return Array.from({ length: count }, (_, i) => {
    const start = instancesOf(kindOf(i), { alphaPreference, conditions });
    const node = new Snowman({ alphaPreference, start }, ROOT);
    sampler.initialize(order.length);
    const shuffled = sampler.sample(order.length) ?? [];
    order = shuffled.flatMap((index) => order[index] ?? []);
    order.sort((a, b) => a.height - b.height);
    for (const block of order) node.add(block);
    return node;
  });
}
