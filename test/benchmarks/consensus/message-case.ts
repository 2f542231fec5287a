// How fast single messages are simulated: polls at message level, beside the certificates.

import { DEFAULT_SPEC, runSnowChain, simulate } from '@starling/consensus';
import type { BenchmarkContext, Row } from '../benchmark.ts';

/** Nothing is compared by it here. */
const digestOf = () => '';

const TABLE = 'message level, nobody corrupt, 60 ms median one-way delay, one thread';
/** Blocks that a chain decides in a run. */
const HEIGHTS = 5;

export async function* measureMessages(context: BenchmarkContext): AsyncIterable<Row> {
  yield* measureDecisions(context);
  yield* measureChains(context);
}

/** One decision between two colours, or by certificate. */
async function* measureDecisions(context: BenchmarkContext): AsyncIterable<Row> {
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
      table: TABLE,
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

/** The engine snow over a chain of blocks, with the parameters that its bound asks for. */
async function* measureChains(context: BenchmarkContext): AsyncIterable<Row> {
  for (const [members, faulty] of [
    [20, 3],
    [50, 9],
  ] as const) {
    context.progress(`a chain of snow among ${members}`);
    let messages = 0;
    const seconds = await context.measure(context.isQuick ? 1 : 3, () => {
      const asked = { members, faulty, byzantine: 0, heights: HEIGHTS, seed: context.seed };
      messages = runSnowChain(asked).messages;
    });
    yield {
      table: TABLE,
      contender: 'snow, a chain',
      case: `n = ${members}`,
      figures: {
        messagesPerSecond: messages / seconds.min,
        secondsPerDecision: seconds.min / HEIGHTS,
        messagesPerDecision: messages / HEIGHTS,
      },
    };
  }
}
