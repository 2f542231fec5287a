// How fast single messages are simulated: polls at message level, beside the certificates.

import { DEFAULT_SPEC, simulate } from '@starling/consensus';
import type { BenchmarkContext, Row } from '../benchmark.ts';

/** Nothing is compared by it here. */
const digestOf = () => '';

export async function* measureMessages(context: BenchmarkContext): AsyncIterable<Row> {
  for (const [engine, n, runs] of [
    ['simplex', 4, 2000],
    ['simplex', 10, 500],
    ['simplex', 30, 60],
    ['simplex', 100, 6],
    ['snow', 30, 20],
    ['snow', 100, 6],
    ['snow', 1000, 1],
  ] as const) {
    context.progress(`${engine} among ${n}`);
    const spec = {
      ...DEFAULT_SPEC,
      level: 'message',
      engine,
      n,
      runs,
      seed: context.seed,
    } as const;
    let messages = 0;
    const seconds = await context.measure(context.isQuick ? 3 : 5, () => {
      messages = simulate(spec, { digestOf }).summary.messages * runs;
    });
    yield {
      table: 'message level, one decision, nobody corrupt, 60 ms median one-way delay, one thread',
      contender: engine,
      case: `n = ${n}`,
      figures: {
        messagesPerSecond: messages / seconds.min,
        secondsPerDecision: seconds.min / runs,
        messagesPerDecision: messages / runs,
      },
    };
  }
}
