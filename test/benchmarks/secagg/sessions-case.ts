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
  /** What `--quick` changes. */
  readonly quick?: Partial<Grid>;
  /** Whether it tells what each part of the work takes. */
  readonly showsParts?: boolean;
}

/** By `--case`: graphs, sizes and drop-outs. Above 100 members the graph follows from the policy. */
const GRIDS: Readonly<Record<string, Grid>> = {
  complete: {
    participants: [10, 50, 100],
    elements: [1e5, 1e6],
    drops: [0, 0.1, 0.3],
    policy: {},
    shortFrom: 101,
    quick: { participants: [10, 100], elements: [1e5], shortFrom: 50 },
  },
  harary: {
    participants: [104],
    elements: [1e5, 1e6],
    drops: [0, 10 / 104],
    policy: { corruptMicros: 100_000, dropMicros: 100_000 },
    shortFrom: 200,
    quick: { elements: [1e5] },
    showsParts: true,
  },
  large: {
    participants: [500],
    elements: [1e5, 1e6],
    drops: [0, 0.1, 0.3],
    policy: { corruptMicros: 50_000, dropMicros: 300_000 },
    shortFrom: 101,
    quick: { elements: [1e5] },
  },
};

export const SESSION_CASES = Object.keys(GRIDS);

export async function* measureSessions(
  name: string,
  context: BenchmarkContext,
): AsyncGenerator<Row> {
  const whole = GRIDS[name];
  if (whole === undefined) throw new TypeError(`no grid ${name}`);
  const grid = context.isQuick ? { ...whole, ...whole.quick } : whole;
  // Compiles the code and grows the heap.
  for (const ring of [32, 64] as const) {
    const settings = { participants: 10, elements: 1e5, ring, seed: 1, drops: [0.3] };
    await new MeasuredSession({ ...settings, policy: {}, isShort: false }).run();
  }
  for (const settings of settingsOf(grid, context.seed)) {
    context.signal.throwIfAborted();
    const { elements, participants, ring } = settings;
    const title = `n=${participants} m=${elements.toExponential(0).replace('+', '')} r=${ring}`;
    context.progress(title);
    const session = new MeasuredSession(settings);
    const { graph, survivorsMin, threshold } = session.announce;
    const k = graph.kind === 'complete' ? participants - 1 : graph.degree;
    const table = `n=${participants}: ${graph.kind} graph, k=${k}, t=${threshold}, at least ${survivorsMin} survivors`;
    for (const figures of await session.run()) {
      const name = `${title}, ${Math.floor(figures.share * participants)} dropped`;
      yield* rowsOf(table, name, figures);
      if (grid.showsParts) yield* partsOf(table, name, figures);
    }
  }
}

function* settingsOf(grid: Grid, seed: number): Generator<SessionSettings> {
  const { drops, policy, shortFrom } = grid;
  for (const participants of grid.participants) {
    const isShort = participants >= shortFrom;
    for (const elements of grid.elements) {
      for (const ring of [32, 64] as const) {
        yield { participants, elements, ring, seed, policy, drops, isShort };
      }
    }
  }
}

function* rowsOf(
  table: string,
  name: string,
  { masked, plain }: DropFigures,
): Generator<Row, void> {
  yield { table, contender: 'plain', case: name, figures: { ...plain } };
  yield { table, contender: 'masked', case: name, figures: { ...masked } };
}

function* partsOf(table: string, name: string, { parts }: DropFigures): Generator<Row, void> {
  for (const side of ['client', 'server'] as const) {
    const millis = Object.entries(parts[side]).map(([part, seconds]) => [part, 1000 * seconds]);
    const heading = `${table}: milliseconds of the ${side}`;
    yield { table: heading, contender: 'masked', case: name, figures: Object.fromEntries(millis) };
  }
}
