import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { scheduler } from 'node:timers/promises';
import test from 'ava';
import { dense } from '../layers/dense.ts';
import { relu } from '../layers/plain-layers.ts';
import { initialWeights, sequential } from '../layers/sequential.ts';
import { sgd } from '../optimizers/sgd.ts';
import { curriculum, plateau } from '../schedules/schedule.ts';
import { endless, hosted, noisyPairs } from './engine-fixture.ts';
import { DEFAULT_ENGINE_PROCESS_OPTIONS, EngineProcess } from './engine-process.ts';
import type { HostedProgram } from './graph-host.ts';
import { compile } from './program.ts';
import { Trainer } from './trainer.ts';

const model = sequential([dense(64), relu(), dense(2)], { input: [8] });
const program = compile(model, { loss: 'softmaxCrossEntropy', batch: 8, optimizer: sgd() });
const task = {
  weights: initialWeights(model, 1),
  x: noisyPairs(64, 8, 1).x,
  y: Uint8Array.from({ length: 64 }, (_, i) => i % 2),
  learningRate: 0.01,
  epochs: 2,
};

function createTrainer() {
  return Trainer.create(program, { engine: 'native', isolate: 'process' });
}

test('an aborted fit rejects, reports nothing more, and the next fit works', async (t) => {
  await using trainer = await createTrainer();
  const controller = new AbortController();
  let reports = 0;
  const endless = trainer.fit({
    ...task,
    epochs: 100_000,
    signal: controller.signal,
    onProgress: () => {
      reports++;
      if (reports === 2) controller.abort(new Error('enough'));
    },
  });
  await t.throwsAsync(endless, { code: 'aborted' });
  t.is(reports, 2);
  t.is((await trainer.fit(task)).steps, 16);
  t.is(reports, 2);
  await t.throwsAsync(trainer.fit({ ...task, signal: controller.signal }), { code: 'aborted' });
});

test('an abort while another fit keeps the process busy rejects at once as well', async (t) => {
  await using trainer = await createTrainer();
  const [first, second] = [new AbortController(), new AbortController()];
  let reports = 0;
  let waiting: Promise<unknown> = Promise.resolve();
  const busy = trainer.fit({
    ...task,
    epochs: 100_000,
    signal: first.signal,
    onProgress: () => {
      reports++;
      if (reports === 1) {
        waiting = trainer.fit({ ...task, signal: second.signal });
        second.abort();
        waiting.catch(() => first.abort());
      }
    },
  });
  await t.throwsAsync(busy, { code: 'aborted' });
  await t.throwsAsync(waiting, { code: 'aborted' });
  t.is((await trainer.fit(task)).steps, 16);
});

test('an error of whoever watches ends the fit with it', async (t) => {
  await using trainer = await createTrainer();
  const watched = trainer.fit({
    ...task,
    epochs: 100_000,
    onProgress: () => {
      throw new RangeError('the watcher failed');
    },
  });
  await t.throwsAsync(watched, { instanceOf: RangeError });
  t.is((await trainer.fit(task)).steps, 16);
});

test('a loss that is no number ends the fit in a process as well', async (t) => {
  await using trainer = await createTrainer();
  const x = task.x.with(0, Number.NaN);
  await t.throwsAsync(trainer.fit({ ...task, x }), { code: 'non-finite-loss' });
});

test('a schedule that fails in the middle ends the fit, and the next one works', async (t) => {
  await using trainer = await createTrainer();
  const learningRate = curriculum([
    { epochs: 1, value: plateau(0.1) },
    { epochs: 1, value: -1 },
  ]);
  await t.throwsAsync(trainer.fit({ ...task, learningRate }), {
    code: 'invalid-options',
    message: 'learningRate >= 0, but the schedule curriculum gives -1 at step 8',
  });
  t.is((await trainer.fit(task)).steps, 16);
});

test('a stopped trainer rejects what runs and what comes', async (t) => {
  const trainer = await createTrainer();
  const running = trainer.fit({
    ...task,
    epochs: 100_000,
    onProgress: () => void trainer.stop(),
  });
  await t.throwsAsync(running, { code: 'stopped' });
  await t.throwsAsync(trainer.fit(task), { code: 'stopped' });
});

async function startedOn(
  odd: HostedProgram,
  options: { memoryMiB?: number; stallTimeoutMs?: number },
) {
  const engine = new EngineProcess({ ...DEFAULT_ENGINE_PROCESS_OPTIONS, ...options });
  await engine.request({ kind: 'load', program: odd });
  const start = { fixed: {}, carried: {}, gathers: 'losses', firstChunk: 1 };
  await engine.request({ kind: 'begin', run: 0, graph: 'training', start });
  return engine;
}

const onLinux = process.platform === 'linux' ? test : test.skip;

const advance = { kind: 'advance', run: 0, steps: 1, perStep: {} } as const;

test('a graph that never ends is killed', async (t) => {
  const engine = await startedOn(endless(), { stallTimeoutMs: 500 });
  await t.throwsAsync(engine.request(advance), { code: 'worker-died', message: /silent too long/ });
  t.false(engine.isAlive);
  await engine.stop();
});

const FIXTURE = new URL('./engine-fixture.ts', import.meta.url).href;
const PROCESS = new URL('./engine-process.ts', import.meta.url).href;
/** Starts a process on a graph without end, says which, and waits. */
const OWNER = `
  const { endless } = await import(${JSON.stringify(FIXTURE)});
  const { DEFAULT_ENGINE_PROCESS_OPTIONS, EngineProcess } = await import(${JSON.stringify(PROCESS)});
  const engine = new EngineProcess(DEFAULT_ENGINE_PROCESS_OPTIONS);
  await engine.request({ kind: 'load', program: endless() });
  const start = { fixed: {}, carried: {}, gathers: 'losses', firstChunk: 1 };
  await engine.request({ kind: 'begin', run: 0, graph: 'training', start });
  void engine.request({ kind: 'advance', run: 0, steps: 1, perStep: {} });
  process.stdout.write(engine.pid + '\\n');
`;

onLinux('a graph that never ends is killed when its owner was', async (t) => {
  const owner = spawn(process.execPath, ['--input-type=module', '-e', OWNER], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = await once(owner.stdout, 'data');
  const busy = Number(String(said));
  t.true(isRunning(busy));
  owner.kill('SIGKILL');
  while (isRunning(busy)) await scheduler.wait(20);
});

/** A zombie that nobody has waited for runs no more. */
function isRunning(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}

/** A tensor of 2 GiB out of nothing. */
const greedy = hosted((graph) => {
  const big = graph.node('Expand', [graph.scalar(1), graph.integers([2 ** 29])], {
    type: 'float32',
    shape: [2 ** 29],
  });
  graph.output('losses', graph.node('ReduceSum', [big], { type: 'float32', shape: [1] }));
});

onLinux('a graph gets no more memory than the cap', async (t) => {
  const engine = await startedOn(greedy, { memoryMiB: 1024 });
  await t.throwsAsync(engine.request(advance), { name: 'TrainingError' });
  await engine.stop();
});

onLinux('the process has an empty working directory and nothing in its environment', async (t) => {
  const engine = await startedOn(greedy, {});
  const environment = readFileSync(`/proc/${engine.pid}/environ`, 'utf8').split('\0');
  const names = environment.map((entry) => entry.split('=')[0]).filter((name) => name !== '');
  t.true(environment.includes('ORT_DISABLE_TELEMETRY=1'));
  const allowed = [
    'ORT_DISABLE_TELEMETRY',
    'PWD',
    'NODE_CHANNEL_FD',
    'NODE_CHANNEL_SERIALIZATION_MODE',
  ];
  t.deepEqual(
    names.filter((name) => !allowed.includes(name ?? '')),
    [],
  );
  const folder = readlinkSync(`/proc/${engine.pid}/cwd`);
  t.deepEqual(readdirSync(folder), []);
  await engine.stop();
  t.throws(() => readdirSync(folder), { code: 'ENOENT' });
});

test('a process that dies takes its fit with it, and the next fit starts another', async (t) => {
  const engine = await startedOn(greedy, {});
  const { pid } = engine;
  t.truthy(pid);
  const waiting = engine.request({ ...advance, run: 0 });
  process.kill(pid ?? 0, 'SIGKILL');
  await t.throwsAsync(waiting, { code: 'worker-died', message: /SIGKILL/ });
  t.false(engine.isAlive);
});
