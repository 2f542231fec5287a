// Every rule over the same updates, in processor milliseconds, since other work shares the machine.

import { Xoshiro128 } from '@starling/consensus';
import { type ClientReply, type RoundContext, strategyNamed } from '@starling/rules';
import { type ConfigRecord, recordDict } from '@starling/shared';
import type { BenchmarkContext, Row } from '../benchmark.ts';
import { summarise } from '../measure.ts';

const CLIENTS = 100;
const PARAMETERS = 200_000;

/** Twenty of a hundred may lie, where a rule asks how many. */
const RULES: readonly (readonly [string, ConfigRecord])[] = [
  ['FedAvg', {}],
  ['FedAdam', {}],
  ['FedNova', {}],
  ['QFedAvg', {}],
  ['NormBoundedAvg', {}],
  ['FedMedian', {}],
  ['FedTrimmedAvg', { beta: 0.2 }],
  ['Krum', { 'num-malicious-nodes': 20 }],
  ['MultiKrum', { 'num-malicious-nodes': 20, 'num-nodes-to-select': 80 }],
  ['Bulyan', { 'num-malicious-nodes': 20 }],
  ['GeometricMedian', {}],
  ['CenteredClipping', {}],
  ['FedBuff', {}],
];

export async function* measureRules(context: BenchmarkContext): AsyncIterable<Row> {
  const clients = context.isQuick ? 20 : CLIENTS;
  const parameters = context.isQuick ? 20_000 : PARAMETERS;
  const { round, replies } = updates(clients, parameters, context.seed);
  for (const [name, options] of RULES) {
    context.progress(name);
    const malicious = context.isQuick && 'num-malicious-nodes' in options;
    const fitting = malicious ? { ...options, 'num-malicious-nodes': 4 } : options;
    const selecting = context.isQuick && 'num-nodes-to-select' in options;
    const used = selecting ? { ...fitting, 'num-nodes-to-select': 16 } : fitting;
    const times: number[] = [];
    for (let repeat = 0; repeat < (context.isQuick ? 4 : 6); repeat++) {
      context.signal.throwIfAborted();
      const strategy = strategyNamed(name, used);
      const before = process.cpuUsage();
      await strategy.aggregateTrain(round, replies);
      const { system, user } = process.cpuUsage(before);
      // The first one warms up.
      if (repeat > 0) times.push((system + user) / 1000);
    }
    const figures = { cpuMs: summarise(times) };
    yield { contender: name, case: `${clients} × ${parameters}`, figures };
  }
}

/** Honest updates around a direction, a fifth of them far away. */
function updates(
  clients: number,
  parameters: number,
  seed: number,
): { round: RoundContext; replies: ClientReply[] } {
  const random = Xoshiro128.seeded(seed);
  const draw = (scale: number) =>
    Float32Array.from({ length: parameters }, () => (random.nextUnit() - 0.5) * scale);
  const base = draw(0.1);
  const direction = draw(0.01);
  const replies = Array.from({ length: clients }, (_, i) => {
    const noise = draw(i % 5 === 4 ? 1 : 0.01);
    const model = base.map((b, k) => b + (direction[k] as number) + (noise[k] as number));
    const metrics = { 'num-examples': 600, 'local-steps': 60 + i, 'train-loss': 1 + i / 10 };
    const node = `n${String(i).padStart(3, '0')}`;
    return { node, content: recordDict({ arrays: { model }, metrics }) };
  });
  const nodes = replies.map(({ node }) => ({ node, examples: 600 }));
  const arrays = { model: base };
  return { round: { round: 1, arrays, clients: nodes, config: {}, seed }, replies };
}
