import test from 'ava';
import type { BenchmarkContext, Row } from '../benchmark.ts';
import { simplexLatency } from './simplex-latency.ts';
import { simplexRuns } from './simplex-runs.ts';

const context: BenchmarkContext = {
  seed: 1,
  isQuick: true,
  onDocker: false,
  parts: [],
  seeds: undefined,
  cases: [],
  plotFolder: undefined,
  signal: new AbortController().signal,
  progress: () => {},
  measure: () => Promise.reject(new Error('nothing is measured repeatedly here')),
};

async function rowsOf(rows: AsyncIterable<Row>): Promise<readonly Row[]> {
  const list: Row[] = [];
  for await (const row of rows) list.push(row);
  return list;
}

test('the rows of seeded runs tell violations and undecided members apart', async (t) => {
  const rows = await rowsOf(simplexRuns(context, 20));
  const honest = rows.filter(({ case: name }) => name.includes('liars'));
  t.is(honest.length, 8);
  for (const { figures } of honest) {
    t.is(figures['violatingRuns'], 0);
    t.is(figures['undecidedRuns'], 0);
  }
});

test('a decision of four takes at least three hops and fewer than a hundred messages', async (t) => {
  const [row] = await rowsOf(simplexLatency(context, [[4, 50]]));
  t.true(Number(row?.figures['p50Ms']) > 120);
  t.true(Number(row?.figures['messagesPerDecision']) < 100);
});
