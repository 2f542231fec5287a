// The lines of avalanchego's golden results, and our run of what each line says.

import { Mt19937, nextUint64, UniformSampler, WeightedSampler } from '@starling/consensus';
import {
  colorOf,
  GoldenNetwork,
  type GoldenParameters,
  type GoldenShape,
  goldenParameters,
} from './golden-network.ts';
import { runSnowman } from './golden-snowman.ts';

const DEFAULTS = goldenParameters(20, 15, 15, 20);
const DUAL = goldenParameters(20, 11, 15, 20);
const LINES: readonly (readonly [RegExp, (found: readonly string[]) => string])[] = [
  [/^Consistent\(50c,100n,tree,seed0\) /, () => runs(consistent())],
  [/^Governance\(55\/35\/10byz,seed0\) /, () => runs(governance())],
  [
    /^(tree|flat)\/(snowball|snowflake) c=(\d+) n=100 aP=(\d+) aC=15 b=20 seed=(\d+) /,
    ([, shape, kind, colors, aP, seed]) => runs(sweep(shape, kind, colors, aP, seed)),
  ],
  [/^tree\/snowflake 2c n=(\d+) 20\/11\/15\/20 seed=42 /, ([, n]) => runs(pair(Number(n)))],
  [
    /^flat-capped (snowball|snowflake) ap=(\d+) seed=(\d+) nc=(\d+) /,
    ([, kind, aP, seed, colors]) => capped(sweep('flat', kind, colors, aP, seed), 200_000),
  ],
  [/^small n=(\d+) /, ([, n]) => cappedPolls(pair(Number(n)), 100_000)],
  [/^color (\d+) = /, ([, index]) => colorOf(BigInt(index ?? 0))],
  [/^mt seed0 u64 /, () => threeWords()],
  [/^lockstep TreeVsFlat /, () => treeVersusFlat()],
  [/^snowman (mixed|flake|ball) n=(\d+) /, ([, mix, n]) => snowman(mix as SnowmanMix, Number(n))],
  [/^weighted seed0 w= \[([\d ]+)\] k= (\d+) /, ([, w, k]) => weighted(w ?? '', Number(k))],
  [/^uniform seed0 n=100 k=20 /, () => list(uniform())],
];

export type SnowmanMix = 'mixed' | 'flake' | 'ball';

/** What we get for a line: its own text when we agree; undefined for a line we do not know. */
export function replay(line: string): string | undefined {
  for (const [pattern, run] of LINES) {
    const found = pattern.exec(line);
    if (found !== null) return `${found[0]}${run(found)}`;
  }
  return undefined;
}

/** Trees of 50 colours among 100 nodes. */
export function consistent(): GoldenNetwork {
  const network = new GoldenNetwork('snowball', DEFAULTS, 50, new Mt19937(0));
  network.addNodes(100, 'tree');
  return network;
}

/** 55 nodes red, 35 blue, 10 blue for ever. */
export function governance(): GoldenNetwork {
  const network = new GoldenNetwork('snowball', DEFAULTS, 2, new Mt19937(0));
  for (let i = 0; i < 55; i += 1) network.addNode('tree', [0, 1]);
  for (let i = 0; i < 35; i += 1) network.addNode('tree', [1, 0]);
  for (let i = 0; i < 10; i += 1) network.addNode('byzantine', [1, 0]);
  return network;
}

/** Two colours, dual alpha, Snowflake trees, seed 42. */
export function pair(nodes: number): GoldenNetwork {
  const network = new GoldenNetwork('snowflake', DUAL, 2, new Mt19937(42));
  network.addNodes(nodes, 'tree');
  return network;
}

/** Two networks from the same seed that poll the same members in every round. */
export function lockstep(
  fast: readonly [GoldenShape, GoldenParameters],
  slow: readonly [GoldenShape, GoldenParameters],
): { fast: GoldenNetwork; slow: GoldenNetwork } {
  const random = new Mt19937(0);
  const [first, second] = [fast, slow].map(([shape, parameters]) => {
    const network = new GoldenNetwork('snowball', parameters, 10, random);
    random.seed(0);
    network.addNodes(100, shape);
    return network;
  });
  if (first === undefined || second === undefined) throw new Error('two networks');
  const isOpen = (network: GoldenNetwork) => network.running.length > 0 && !network.disagree();
  for (let round = 0; isOpen(first) && isOpen(second); round += 1) {
    for (const network of [first, second]) {
      random.seed(round);
      network.round();
    }
  }
  return { fast: first, slow: second };
}

export function snowman(mix: SnowmanMix, nodes: number): string {
  const { polls, agree, index, height, id } = runSnowman(
    goldenParameters(20, 11, 11, 20),
    10,
    nodes,
    (i) => (mix === 'flake' || (mix === 'mixed' && i % 2 === 0) ? 'snowflake' : 'snowball'),
  );
  const accepted = `lastAcceptedBlockIndex=${index} height=${height} id=${id.slice(0, 16)}`;
  return `polls=${polls} agree=${agree} ${accepted}`;
}

function sweep(shape = '', kind = '', colors = '', alphaPreference = '', seed = ''): GoldenNetwork {
  const network = new GoldenNetwork(
    kind === 'snowball' ? kind : 'snowflake',
    goldenParameters(20, Number(alphaPreference), 15, 20),
    Number(colors),
    new Mt19937(Number(seed)),
  );
  network.addNodes(100, shape === 'tree' ? shape : 'flat');
  return network;
}

function runs(network: GoldenNetwork): string {
  const init = network.tally();
  const { first, digest } = network.run();
  const verdict = `agree=${network.agree()} disagree=${network.disagree()}`;
  const colors = `init=${init} final=${network.tally()}`;
  return `polls=${network.polls} first=${first} ${verdict} ${colors} digest=${digest}`;
}

function capped(network: GoldenNetwork, pollsMax: number): string {
  return `${cappedPolls(network, pollsMax)} final=${network.tally()}`;
}

function cappedPolls(network: GoldenNetwork, pollsMax: number): string {
  network.run(pollsMax);
  return `polls=${network.polls} finalized=${network.running.length === 0}`;
}

function treeVersusFlat(): string {
  const { fast, slow } = lockstep(['tree', DEFAULTS], ['flat', DEFAULTS]);
  const done = `fastFinal=${fast.running.length === 0} fast=${fast.tally()}`;
  return `polls=${fast.polls} ${done} slowRunning=${slow.running.length} slow=${slow.tally()}`;
}

function threeWords(): string {
  const random = new Mt19937(0);
  return [nextUint64(random), nextUint64(random), nextUint64(random)].join(' ');
}

/** Samples of 1, 4 and 20 are taken from one stream; the last one asked for is shown. */
function weighted(weights: string, k: number): string {
  const sampler = new WeightedSampler(new Mt19937(0), weights.split(' ').map(Number));
  let sample: number[] | undefined;
  for (const count of [1, 4, 20]) if (count <= k) sample = sampler.sample(count);
  return `ok= ${sample !== undefined} ${list(sample ?? [])}`;
}

function uniform(): number[] {
  const sampler = new UniformSampler(new Mt19937(0));
  sampler.initialize(100);
  return sampler.sample(20) ?? [];
}

function list(values: readonly number[]): string {
  return `[${values.join(' ')}]`;
}
