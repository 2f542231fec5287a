// Whole secure aggregations beside the same sums in the clear.

import type { MaskedAggregation } from '@starling/shared';
import type { BenchmarkContext, Row } from '../benchmark.ts';
import { type DropFigures, MeasuredSession, type SessionSettings } from './measured-session.ts';

interface Grid {
  readonly participants: readonly number[];
  readonly elements: readonly number[];
  readonly drops: readonly number[];
  readonly policy: Partial<MaskedAggregation>;
  /** Participants from which on pairs that are not measured take short ways. */
  readonly shortFrom: number;
}

/** By `--case`: graphs, sizes and drop-outs. Above 100 members the graph follows from the policy. */
const GRIDS: Readonly<Record<string, Grid>> = {
  complete: {
    participants: [10, 50, 100],
    elements: [1e5, 1e6],
    drops: [0, 0.1, 0.3],
    policy: {},
    shortFrom: 101,
  },
  harary: {
    participants: [104],
    elements: [1e5, 1e6],
    drops: [0, 10 / 104],
    policy: { corruptMicros: 100_000, dropMicros: 100_000 },
    shortFrom: 200,
  },
  large: {
    participants: [500],
    elements: [1e5, 1e6],
    drops: [0, 0.1, 0.3],
    policy: { corruptMicros: 50_000, dropMicros: 300_000 },
    shortFrom: 101,
  },
};

export const SESSION_CASES = Object.keys(GRIDS);

export async function* measureSessions(
  name: string,
  context: BenchmarkContext,
): AsyncGenerator<Row> {
  const grid = GRIDS[name];
  if (grid === undefined) throw new TypeError(`no grid ${name}`);
  await new MeasuredSession({
    ...{ participants: 5, elements: 1000, ring: 32, seed: 1, drops: [0] },
    ...{ policy: {}, isShort: false },
  }).run();
  for (const settings of settingsOf(grid, context)) {
    context.signal.throwIfAborted();
    const { elements, participants, ring } = settings;
    const title = `n=${participants} m=${elements.toExponential(0).replace('+', '')} r=${ring}`;
    context.progress(title);
    const session = new MeasuredSession(settings);
    const { graph, survivorsMin, threshold } = session.announce;
    const k = graph.kind === 'complete' ? participants - 1 : graph.degree;
    const table = `n=${participants}: ${graph.kind} graph, k=${k}, t=${threshold}, at least ${survivorsMin} survivors`;
    for (const figures of await session.run()) yield* rowsOf(table, title, participants, figures);
  }
}

function* settingsOf(grid: Grid, { isQuick, seed }: BenchmarkContext): Generator<SessionSettings> {
  const { drops, policy } = grid;
  for (const participants of grid.participants) {
    for (const elements of isQuick ? grid.elements.slice(0, 1) : grid.elements) {
      for (const ring of [32, 64] as const) {
        const isShort = participants >= (isQuick ? 50 : grid.shortFrom);
        yield { participants, elements, ring, seed, policy, drops, isShort };
      }
    }
  }
}

function* rowsOf(
  table: string,
  title: string,
  participants: number,
  { masked, plain, share }: DropFigures,
): Generator<Row> {
  const name = `${title}, ${Math.floor(share * participants)} dropped`;
  yield { table, contender: 'plain', case: name, figures: { ...plain } };
  yield { table, contender: 'masked', case: name, figures: { ...masked } };
}
