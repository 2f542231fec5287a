// `pnpm bench`: one runner for the benchmarks of all rooms.

import { readdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Benchmark, BenchmarkContext, Row } from './benchmark.ts';
import { describeMachine, type Machine } from './machine.ts';
import { measureSeconds } from './measure.ts';
import { formatTables } from './table.ts';

const USAGE =
  'usage: pnpm bench <name> [<part>]... [--case NAME]... [--quick] [--docker] [--seed N] [--seeds COUNT] [--json FILE] [--plot FOLDER]';
const SEED_MAX = 2 ** 32 - 1;
const SEEDS_MAX = 1000;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let request: Request;
  try {
    request = parseRequest(args);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n${USAGE}\n`);
    return 2;
  }
  const names = benchmarkNames();
  if (request.name === undefined) {
    for (const name of names) {
      process.stdout.write(`${name.padEnd(12)} ${(await load(name)).summary}\n`);
    }
    return 0;
  }
  if (!names.includes(request.name)) {
    process.stderr.write(
      `no benchmark "${request.name}"; there are ${names.join(', ')}\n${USAGE}\n`,
    );
    return 2;
  }
  const benchmark = await load(request.name);
  const refusal = refusalOf(benchmark, request);
  if (refusal !== undefined) {
    process.stderr.write(`${refusal}\n${USAGE}\n`);
    return 2;
  }
  return runBenchmark(benchmark, request);
}

interface Request {
  readonly name: string | undefined;
  readonly parts: readonly string[];
  readonly isQuick: boolean;
  readonly onDocker: boolean;
  readonly seed: number;
  readonly seeds: number | undefined;
  readonly jsonFile: string | undefined;
  readonly cases: readonly string[];
  readonly plotFolder: string | undefined;
}

/** @throws {Error} that names the option and what it takes. */
function parseRequest(args: readonly string[]): Request {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      docker: { type: 'boolean', default: false },
      seed: { type: 'string', default: '1' },
      seeds: { type: 'string' },
      json: { type: 'string' },
      case: { type: 'string', multiple: true, default: [] },
      plot: { type: 'string' },
    },
  });
  const seed = Number(values.seed);
  if (!/^\d+$/.test(values.seed) || seed > SEED_MAX) {
    throw new Error(`--seed takes a whole number from 0 to ${SEED_MAX}, not "${values.seed}"`);
  }
  const seeds = values.seeds === undefined ? undefined : Number(values.seeds);
  if (seeds !== undefined && !(Number.isInteger(seeds) && seeds >= 1 && seeds <= SEEDS_MAX)) {
    throw new Error(`--seeds takes a whole number from 1 to ${SEEDS_MAX}, not "${values.seeds}"`);
  }
  const [name, ...parts] = positionals;
  return {
    name,
    parts,
    isQuick: values.quick,
    onDocker: values.docker,
    seed,
    seeds,
    jsonFile: values.json,
    cases: values.case,
    plotFolder: values.plot,
  };
}

/** What the benchmark cannot do of what was asked, with what it can. */
function refusalOf(benchmark: Benchmark, request: Request): string | undefined {
  const { cases, parts, plotFolder, seeds } = request;
  const { cases: known = [], name, parts: own = [] } = benchmark;
  if (own.length === 0 && parts.length > 0) return `one benchmark at a time: ${name}, ${parts[0]}`;
  if (own.length > 0 && parts.length === 0) return `${name} which? There are ${own.join(', ')}`;
  if (own.length === 0 && seeds !== undefined) return `${name} takes no --seeds`;
  const stranger = parts.find((part) => !own.includes(part));
  if (stranger !== undefined) return `${name} has no "${stranger}"; there are ${own.join(', ')}`;
  const odd = cases.find((one) => !known.includes(one));
  if (odd !== undefined && known.length === 0) return `${name} takes no --case`;
  if (odd !== undefined) return `${name} has no case "${odd}"; there are ${known.join(', ')}`;
  if (request.onDocker && benchmark.takesDocker !== true) return `${name} takes no --docker`;
  if (plotFolder !== undefined && benchmark.drawsPlots !== true) return `${name} draws no --plot`;
  return undefined;
}

function benchmarkNames(): string[] {
  return readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith('.bench.ts'))
    .map((file) => file.slice(0, -'.bench.ts'.length))
    .sort();
}

async function load(name: string): Promise<Benchmark> {
  const url = new URL(`./${name}.bench.ts`, import.meta.url).href;
  const { benchmark } = (await import(url)) as { benchmark: Benchmark };
  return benchmark;
}

async function runBenchmark(benchmark: Benchmark, request: Request): Promise<number> {
  const machine = describeMachine();
  const giveUp = new AbortController();
  const onSignal = (): void => giveUp.abort(new Error('interrupted'));
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  process.stdout.write(`${headline(benchmark, machine, request)}\n\n`);
  try {
    const rows = await collect(benchmark, contextOf(request, giveUp.signal));
    process.stdout.write(`${formatTables(rows, benchmark.baseline)}\n`);
    if (request.jsonFile !== undefined) {
      writeFileSync(request.jsonFile, report(benchmark, machine, request, rows));
    }
    return 0;
  } catch (error) {
    process.stderr.write(`${benchmark.name} failed: ${reasonOf(error)}\n`);
    return 1;
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

async function collect(benchmark: Benchmark, context: BenchmarkContext): Promise<Row[]> {
  const result = benchmark.run(context);
  if (!(Symbol.asyncIterator in result)) return [...(await result)];
  const rows: Row[] = [];
  for await (const row of result) rows.push(row);
  return rows;
}

function contextOf(request: Request, signal: AbortSignal): BenchmarkContext {
  const { cases, isQuick, onDocker, parts, plotFolder, seed, seeds } = request;
  return {
    seed,
    seeds,
    isQuick,
    onDocker,
    cases,
    parts,
    plotFolder,
    signal,
    progress: (text) => void process.stderr.write(`· ${text}\n`),
    measure: (repeats, action) => measureSeconds(repeats, action, signal),
  };
}

function headline(benchmark: Benchmark, machine: Machine, { isQuick, seed }: Request): string {
  const { cpu, cores, memoryGiB, os, node } = machine;
  return [
    `${benchmark.name}: ${benchmark.summary}`,
    `${cpu}, ${cores} cores, ${memoryGiB} GiB, ${os}, Node ${node}`,
    `seed ${seed}${isQuick ? ', quick' : ''}; ± is half the distance between the extremes`,
  ].join('\n');
}

function report(
  { name }: Benchmark,
  machine: Machine,
  { seed, isQuick }: Request,
  rows: readonly Row[],
): string {
  const flat = rows.map(({ figures, ...rest }) => ({ ...rest, ...figures }));
  return `${JSON.stringify({ name, machine, seed, isQuick, rows: flat }, null, 2)}\n`;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
