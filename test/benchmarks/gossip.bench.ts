// Messages between five site processes over real libp2p: what an ML-DSA-65 signature costs.
//
// Gossip carries small messages and signed digests, so "1 MB" is the product's path: a digest on
// gossip, the payload pulled by its content root.

import type { Benchmark, Figure, Row } from './benchmark.ts';
import type { Contender, Load, Observed } from './gossip/protocol.ts';
import { type Swarm, startSwarm } from './gossip/swarm.ts';
import { percentile, summarise } from './measure.ts';

const SITES = 5;
const CONTENDERS: readonly Contender[] = ['unsigned', 'signed'];

export const benchmark: Benchmark = {
  name: 'gossip',
  summary: `deliveries between ${SITES} processes, signed (ML-DSA-65) beside unsigned`,
  baseline: 'unsigned',
  async *run(context) {
    context.progress(`starting ${SITES} sites`);
    await using swarm = await startSwarm(SITES, context.signal);
    for (const item of casesOf(context.isQuick)) {
      const samples = new Map<Contender, Sample[]>(CONTENDERS.map((name) => [name, []]));
      // Contenders take turns, so that a busy moment of the machine hits both.
      for (let repeat = 0; repeat <= item.repeats; repeat++) {
        for (const contender of CONTENDERS) {
          context.signal.throwIfAborted();
          context.progress(`${item.name}, ${contender}, ${repeat === 0 ? 'warm-up' : repeat}`);
          const sample = await sampleOf(swarm, item, { contender, seed: context.seed + repeat });
          if (repeat > 0) samples.get(contender)?.push(sample);
        }
      }
      for (const [contender, taken] of samples) yield rowOf(item.name, contender, taken);
    }
  },
};

interface Case {
  readonly name: string;
  readonly repeats: number;
  /** As fast as the bus takes them: throughput and CPU. */
  readonly burst: Omit<Load, 'contender' | 'seed'>;
  /** At a pace that the machine keeps up with: latency. */
  readonly paced: Omit<Load, 'contender' | 'seed'>;
}

function casesOf(isQuick: boolean): readonly Case[] {
  const small = { delivery: 'inline', payloadBytes: 1024 } as const;
  const large = { delivery: 'pulled', payloadBytes: 1024 * 1024 } as const;
  const scale = isQuick ? 1 : 4;
  const repeats = isQuick ? 3 : 7;
  return [
    {
      name: '1 KB on gossip',
      repeats,
      burst: { ...small, messages: 50 * scale, periodMs: 0 },
      paced: { ...small, messages: 20 * scale, periodMs: 50 },
    },
    {
      name: '1 MB: digest on gossip, payload pulled',
      repeats,
      burst: { ...large, messages: 3 * scale, periodMs: 0 },
      paced: { ...large, messages: 2 * scale, periodMs: 800 },
    },
  ];
}

interface Sample {
  readonly deliveredPerSecond: number;
  readonly cpuMicrosPerDelivery: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly lostDeliveries: number;
}

async function sampleOf(
  swarm: Swarm,
  item: Case,
  of: Pick<Load, 'contender' | 'seed'>,
): Promise<Sample> {
  const burst = measured((await swarm.run({ ...item.burst, ...of })).observed);
  const paced = measured((await swarm.run({ ...item.paced, ...of })).observed);
  const expected = (item.burst.messages + item.paced.messages) * SITES * (SITES - 1);
  if (paced.latenciesMs.length === 0) throw new Error(`${item.name}: nothing was delivered`);
  return {
    deliveredPerSecond: burst.latenciesMs.length / burst.seconds,
    cpuMicrosPerDelivery: burst.cpuMicros / burst.latenciesMs.length,
    p50Ms: percentile(paced.latenciesMs, 0.5),
    p99Ms: percentile(paced.latenciesMs, 0.99),
    lostDeliveries: expected - burst.latenciesMs.length - paced.latenciesMs.length,
  };
}

interface Measured {
  readonly latenciesMs: readonly number[];
  /** From the first message sent to the last one received. */
  readonly seconds: number;
  readonly cpuMicros: number;
}

function measured(sites: readonly Observed[]): Measured {
  const sent = new Map(sites.flatMap(({ sent }) => sent));
  const received = sites.flatMap(({ received }) => received);
  const latenciesMs = received.map(([name, atMs]) => atMs - (sent.get(name) ?? Number.NaN));
  const lastMs = received.reduce((last, [, atMs]) => Math.max(last, atMs), 0);
  return {
    latenciesMs,
    seconds: (lastMs - Math.min(...sent.values())) / 1000,
    cpuMicros: sites.reduce((sum, { cpuMicros }) => sum + cpuMicros, 0),
  };
}

function rowOf(name: string, contender: Contender, samples: readonly Sample[]): Row {
  const figure = (key: keyof Sample): Figure => summarise(samples.map((sample) => sample[key]));
  return {
    contender,
    case: name,
    figures: {
      deliveredPerSecond: figure('deliveredPerSecond'),
      p50Ms: figure('p50Ms'),
      p99Ms: figure('p99Ms'),
      cpuMicrosPerDelivery: figure('cpuMicrosPerDelivery'),
      lostDeliveries: samples.reduce((sum, { lostDeliveries }) => sum + lostDeliveries, 0),
    },
  };
}
