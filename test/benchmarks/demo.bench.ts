// The demo's own phases, as it reports them: what a newcomer waits for.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Benchmark, BenchmarkContext, Figure, Row } from './benchmark.ts';
import { summarise } from './measure.ts';

const LAUNCHER = join(import.meta.dirname, '..', '..', 'infra', 'cli', 'bin', 'starling.js');

export const benchmark: Benchmark = {
  name: 'demo',
  summary: 'seconds of each phase of `pnpm demo`, with two rounds (quick) or four',
  baseline: undefined,
  async run(context) {
    const rounds = context.isQuick ? 2 : 4;
    const runs = [];
    for (let run = 0; run < (context.isQuick ? 1 : 3); run++) {
      context.progress(`demo with ${rounds} rounds, run ${run + 1}`);
      runs.push(await runDemo(rounds, context));
    }
    return rowsOf(`${rounds} rounds`, runs);
  },
};

interface Phase {
  readonly name: string;
  readonly seconds: number;
}

/** Runs the demo as its own process and reads the phases it wrote. */
async function runDemo(rounds: number, context: BenchmarkContext): Promise<readonly Phase[]> {
  const folder = await mkdtemp(join(tmpdir(), 'starling-bench-demo-'));
  try {
    const json = join(folder, 'demo.json');
    const args = [LAUNCHER, 'demo', '--rounds', String(rounds), '--json', json];
    const demo = spawn(process.execPath, args, {
      stdio: ['ignore', 'ignore', 'inherit'],
      signal: context.signal,
    });
    const [code] = (await once(demo, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`the demo ended with ${code}; run \`pnpm demo\` to see why`);
    const { phases } = JSON.parse(await readFile(json, 'utf8')) as { phases: readonly Phase[] };
    return phases;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function rowsOf(name: string, runs: readonly (readonly Phase[])[]): Row[] {
  const samples = new Map<string, number[]>();
  for (const phases of runs) {
    for (const phase of phases) {
      samples.set(phase.name, [...(samples.get(phase.name) ?? []), phase.seconds]);
    }
    const total = phases.reduce((sum, { seconds }) => sum + seconds, 0);
    samples.set('all phases', [...(samples.get('all phases') ?? []), total]);
  }
  return [...samples].map(([phase, seconds]) => {
    const figure: Figure = seconds.length > 1 ? summarise(seconds) : (seconds[0] ?? 0);
    return { contender: 'starling', case: `${name}: ${phase}`, figures: { seconds: figure } };
  });
}
