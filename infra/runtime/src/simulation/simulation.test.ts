import { DEFAULT_SPEC, type SimulationSpec } from '@starling/consensus';
import test from 'ava';
import { RuntimeError } from '../runtime-error.ts';
import { finalityByPeers, tipping } from './finality-figures.ts';
import { latencyByFaults, partitionOfCertificates, partitionOfPolls } from './message-figures.ts';
import { reportPage, resultLines } from './report-page.ts';
import { assertSimulable, runSimulation, simulationCsv } from './run-simulation.ts';
import { parameterMap } from './safety-figures.ts';
import { Sweep } from './sweep.ts';

const SMALL: SimulationSpec = { ...DEFAULT_SPEC, n: 100, runs: 10 };
const signal = new AbortController().signal;
const quietly = { isQuick: true, signal, onStep: () => {} };

test('a simulation gives one digest of SHA3-256 for one seed', async (t) => {
  const first = await runSimulation(SMALL, { signal });
  t.regex(first.digest, /^[0-9a-f]{64}$/);
  t.is((await runSimulation(SMALL, { signal })).digest, first.digest);
});

test('a simulation stops when it is told to', async (t) => {
  const stop = new AbortController();
  stop.abort(new Error('enough'));
  const long: SimulationSpec = { ...SMALL, level: 'identified', n: 10_000, runs: 1000 };
  await t.throwsAsync(runSimulation(long, { signal: stop.signal }), { message: 'enough' });
});

test('a spec that cannot be simulated is an invalid option', (t) => {
  const error = t.throws(() => assertSimulable({ ...SMALL, n: 3 }), { instanceOf: RuntimeError });
  t.is(error?.code, 'invalid-option');
});

test('the CSV has one line for each run', async (t) => {
  const lines = simulationCsv(await runSimulation(SMALL, { signal }))
    .trimEnd()
    .split('\n');
  t.is(lines[0], 'run,ending,first_rounds,last_rounds,polls,messages,bytes');
  t.is(lines.length, 11);
  t.regex(lines[10] ?? '', /^9,agreed,\d+,\d+,\d+,\d+,\d+$/);
});

test('a result says what was never seen, and gives the bound beside it', async (t) => {
  const lines = new Map(resultLines(await runSimulation(SMALL, { signal })));
  t.is(lines.get('violations'), '< 3/10 (none in 10 runs)');
  t.regex(lines.get('analytic bound') ?? '', /^2\.1e-15 a round, 1\.1e-12 in all$/);
  t.regex(lines.get('rounds to finality') ?? '', /^p50 2\d, p99 2\d, most 2\d$/);
});

test('a report is one page with its figures, and loads nothing', async (t) => {
  const steps: string[] = [];
  const onStep = (text: string) => void steps.push(text);
  const sweep = new Sweep(SMALL, { isQuick: true, signal, onStep });
  const figures = [await finalityByPeers(sweep), await tipping(sweep), parameterMap(sweep)];
  const simulation = await runSimulation(SMALL, { signal });
  const page = reportPage({ simulation, figures });
  t.is(page.match(/<svg /g)?.length, 3);
  for (const { says } of figures) t.true(says.length > 50);
  t.true(page.includes(simulation.digest));
  t.true(page.includes('seed 1'));
  t.notRegex(page.replaceAll('http://www.w3.org/2000/svg', ''), /https?:|<script|<link|@import/);
  t.notRegex(page, /NaN|undefined/);
  t.true(steps.length > 5);
});

test('message-level figures compare the engines and cut a cluster in two', async (t) => {
  const sweep = new Sweep({ ...SMALL, k: 5, alphaPreference: 3, alphaConfidence: 4 }, quietly);
  const cut = partitionOfCertificates(sweep);
  t.true(cut.svg.includes('cut in two halves'));
  t.is(cut.svg.match(/<polyline/g)?.length, 16);
  const faults = await latencyByFaults(sweep);
  t.is(faults.svg.match(/<polyline/g)?.length, 6);
  for (const { svg } of [cut, faults, await partitionOfPolls(sweep)]) {
    t.notRegex(svg, /NaN|undefined|Infinity/);
  }
});

test('a sweep ignores what belongs to one run only', (t) => {
  const spec: SimulationSpec = {
    ...{ ...SMALL, level: 'identified', adversary: 'holder', adversaryShare: 0.2, loss: 0.1 },
    ...{ weights: 'pareto', crash: { share: 0.1, from: 1, until: 2 } },
  };
  const { base } = new Sweep(spec, { isQuick: true, signal, onStep: () => {} });
  t.deepEqual(base, SMALL);
});
