// The process of one contender that runs in Node: takes the contender's description as its argument,
// commands on stdin, and answers on stdout.

import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  type BuildAnswer,
  type BuildCommand,
  decodeCommand,
  type SearchAnswer,
  type SearchCommand,
} from './contender-protocol.ts';
import { createEngine, type EngineDescription } from './engines/create-engine.ts';
import type { Engine } from './engines/engine.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const engine = createEngine(JSON.parse(process.argv[2] ?? '{}') as EngineDescription);
let preparedFile = '';
say({ ready: true });
for await (const line of createInterface({ input: process.stdin })) {
  try {
    const command = decodeCommand(line);
    say(command.name === 'build' ? await build(command) : search(engine, command));
  } catch (error) {
    say({ error: error instanceof Error ? error.message : String(error) });
  }
}

function say(answer: object): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

async function build({ file, ...shape }: BuildCommand): Promise<BuildAnswer> {
  const base = readFileSync(file);
  const before = nativeBytes();
  const { cpuSeconds, seconds } = await engine.build({ ...shape, base });
  const grown = nativeBytes() - before;
  const counted = engine.bytes?.();
  return { seconds, cpuSeconds, bytes: counted ?? grown, isCounted: counted !== undefined };
}

/** What is resident beside JavaScript's own heap and buffers: native code and WebAssembly. */
function nativeBytes(): number {
  collectGarbage();
  const { arrayBuffers, heapTotal, rss } = process.memoryUsage();
  return rss - heapTotal - arrayBuffers;
}

function search<Result>(engine: Engine<Result>, command: SearchCommand): SearchAnswer {
  const { count, dimension, efSearch, file, k, withResults } = command;
  if (file !== preparedFile) engine.prepare(readFileSync(file), dimension);
  preparedFile = file;
  engine.setEfSearch(efSearch);
  const micros: number[] = [];
  const results: Result[] = [];
  for (let query = 0; query < count; query++) {
    const startedMs = performance.now();
    const result = engine.search(query, k);
    micros.push((performance.now() - startedMs) * 1_000);
    if (withResults) results.push(result);
  }
  if (!withResults) return { micros };
  return { micros, labels: labelsOf(engine, results, k), distances: distancesOf(engine, results) };
}

function labelsOf<Result>(engine: Engine<Result>, results: readonly Result[], k: number): number[] {
  return results.flatMap((result) => {
    const labels = engine.labelsOf(result).slice(0, k);
    return [...labels, ...Array<number>(k - labels.length).fill(-1)];
  });
}

function distancesOf<Result>(engine: Engine<Result>, results: readonly Result[]): number | null {
  if (engine.distancesOf === undefined) return null;
  const sum = results.reduce((total, result) => total + (engine.distancesOf?.(result) ?? 0), 0);
  return sum / results.length;
}
