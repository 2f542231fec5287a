import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { run, words } from '../command-line-fixture.ts';
import { exitCodeOfRun } from '../exit-codes.ts';

/** An app that trains nothing: quick, and endless if asked. */
const APP = `
import { FedAvg, serverApp } from '@starling/rules';
import { arrayOf, configNumber, recordDict } from '@starling/shared';
import { clientApp } from '@starling/training';
export const client = clientApp({
  train: async ({ content, node }, { runConfig }) => {
    if (runConfig['fails'] === node) throw new Error('no data');
    const model = arrayOf(content).map((weight) => weight + configNumber(runConfig, 'step'));
    return recordDict({ arrays: { model }, metrics: { 'num-examples': 1 } });
  },
});
export const server = serverApp({
  strategy: () => new FedAvg(),
  initial: () => ({ model: new Float32Array(3) }),
  evaluate: (_round, { model }) => ({ weight: model?.[0] ?? 0 }),
});
`;
const MANIFEST = {
  name: 'steps',
  client: 'app.ts',
  server: 'app.ts',
  config: { 'num-server-rounds': 2, step: 1, fails: '' },
  simulation: { nodes: 4 },
};

function folderOf(t: ExecutionContext, app = APP): { app: string; home: string } {
  const folder = mkdtempSync(join(tmpdir(), 'starling-run-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'app.ts'), app);
  writeFileSync(join(folder, 'starling.app.json'), JSON.stringify(MANIFEST));
  return { app: folder, home: join(folder, 'home') };
}

test.serial('a new app runs at once, learns, and leaves its model', async (t) => {
  const { app, home } = folderOf(t);
  const folder = join(app, 'first');
  const made = await run('new', folder, '--format', 'json');
  t.is(made.code, 0, made.stderr);
  t.true(JSON.parse(made.stdout).files.includes('client.ts'));
  const ran = await run(
    ...['run', folder, '--home', home, '--stream', '--format', 'json', '--nodes', '4'],
    ...['--run-config', 'num-server-rounds=3 local-epochs=3 fraction-train=1'],
    ...['--workers', '1'],
  );
  t.is(ran.code, 0, ran.stderr);
  const answer = JSON.parse(ran.stdout);
  t.like(answer, { success: true, app: 'first', status: 'finished:completed', rounds: 3 });
  t.true(answer.metrics.server.accuracy > 0.3, `${answer.metrics.server.accuracy}`);
  t.regex(ran.stderr, /round 3 of 3: 4 of 4 nodes/);
  const out = join(app, 'pulled', 'first.safetensors');
  const pulled = await run('run', 'pull', answer['run-id'], '--home', home, '--out', out);
  t.regex(pulled.stdout, /the model after round 3/);
  t.regex(readFileSync(out, 'latin1'), /"0\.weight":\{"dtype":"F32","shape":\[196,64\]/);
});

test.serial(
  'a run in the background is listed, logged, and stopped with its rounds kept',
  async (t) => {
    const { app, home } = folderOf(t);
    const at = ['--home', home];
    const started = await run('run', app, ...at, '--run-config', 'num-server-rounds=1000000');
    t.regex(started.stdout, /goes on in the background/);
    const listed = await run('run', 'list', ...at, '--format', 'json');
    const [first] = JSON.parse(listed.stdout).runs;
    t.like(first, { app: 'steps', status: 'running', rounds: 1_000_000 });
    const stopped = await run('run', 'stop', first['run-id'].slice(0, 6), ...at);
    t.regex(stopped.stdout, /finished:stopped after round \d+/);
    const log = await run('run', 'log', first['run-id'], ...at);
    t.regex(log.stdout, /FedAvg, 1000000 rounds, 4 nodes, seed 1/);
    t.regex(log.stdout, /stopped after round \d+\n$/);
    const again = await run('run', 'stop', first['run-id'], ...at);
    t.is(again.code, 3);
    t.regex(again.stderr, /does not run: finished:stopped/);
    const unknown = await run('run', 'log', 'ffff', ...at);
    t.is(unknown.code, 2);
    t.regex(unknown.stderr, /no run in .* begin with ffff; see starling run list/);
  },
);

test.serial('a simulation writes JSON, CSV and a page', async (t) => {
  const { app, home } = folderOf(t);
  const files = ['json', 'csv', 'report'].flatMap((name) => [`--${name}`, join(app, `a.${name}`)]);
  const line = ['simulate', app, '--home', home, ...words('--nodes 50 --drop-out 0.2 --workers 1')];
  const first = await run(...line, ...files, '--run-config', 'fails=node-07', '--format', 'json');
  t.is(first.code, 0, first.stderr);
  const answer = JSON.parse(first.stdout);
  t.deepEqual(JSON.parse(readFileSync(join(app, 'a.json'), 'utf8')), answer);
  t.is(answer.rounds.length, 3);
  t.regex(JSON.stringify(answer.rounds), /node-07.{1,20}reason.{3}Error: no data/);
  t.is(readFileSync(join(app, 'a.csv'), 'utf8').trimEnd().split('\n').length, 4);
  t.regex(readFileSync(join(app, 'a.report'), 'utf8'), /<svg/);
});

test.serial('what an app does wrong is said in one line, with its place', async (t) => {
  const broken = folderOf(t, `${APP}\nexport const other = = 1;\n`);
  const syntax = await run('run', broken.app, '--home', broken.home, '--stream');
  t.is(syntax.code, 2);
  t.regex(syntax.stdout, /failed: invalid-app: .*app\.ts:18: SyntaxError/);
  const { app, home } = folderOf(t);
  const refused: readonly (readonly [readonly string[], RegExp])[] = [
    [['--run-config', 'epochs=3'], /no setting epochs; it has fails, num-server-rounds, step/],
    [['--run-config', 'step'], /"step" does not begin with key=value/],
    [['--run-config', 'step=far'], /step is "far", a string; the app has a number/],
    [['--delay', 'slow'], /the delay slow is none of none, constant/],
    [['--nodes', '0'], /It must be a whole number from 1 to 10000000/],
  ];
  for (const [options, says] of refused) {
    const { code, stderr } = await run('run', app, '--home', home, ...options);
    t.is(code, 2, options.join(' '));
    t.regex(stderr, says);
  }
  const codes = ['no-client', 'unknown-strategy', 'child-died', 'no-answers', 'shape-mismatch'];
  t.deepEqual(codes.map(exitCodeOfRun), [2, 2, 4, 6, 6]);
  const nowhere = await run('run', join(app, 'gone'), '--home', home, '--format', 'json');
  t.is(nowhere.code, 2);
  t.like(JSON.parse(nowhere.stdout), { success: false, code: 'invalid-app' });
  t.is((await run('new', app)).code, 2);
});
