import test from 'ava';
import { summarise } from '../measure.ts';
import { measureScalarLookup } from './scalar-lookup.ts';

test('all ways to rank keys agree, and a column takes the model only where it is small', async (t) => {
  const bytes = new Map<string, number[]>();
  const context = {
    seed: 1,
    isQuick: true,
    onDocker: false,
    parts: [],
    seeds: undefined,
    cases: [],
    plotFolder: undefined,
    signal: new AbortController().signal,
    progress: () => undefined,
    measure: async () => summarise([0]),
  };
  for await (const { contender, figures } of measureScalarLookup(context)) {
    const value = Number(figures['extraBytes'] ?? figures['columnUsesIt']);
    bytes.set(contender, [...(bytes.get(contender) ?? []), value]);
  }
  const learned = bytes.get('starling-learned') ?? [];
  const sampled = bytes.get('sampled index') ?? [];
  t.is(learned.length, 2 * sampled.length);
  for (const [at, size] of sampled.entries()) {
    const [own, isUsed] = learned.slice(2 * at);
    t.is(isUsed, Number(Number(own) <= size));
  }
});
