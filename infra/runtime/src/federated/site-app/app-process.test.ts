import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { recordDict } from '@starling/shared';
import test from 'ava';
import type { AppQuestion } from './app-messages.ts';
import { AppProcess } from './app-process.ts';

const APP = `
import { recordDict } from '@starling/shared';
import { clientApp } from '@starling/training';
import { FedAvg, serverApp } from '@starling/rules';

export const client = clientApp({
  train: async ({ content }, { runConfig }) => {
    console.log('trains', runConfig.mode);
    if (runConfig.mode === 'dies') process.exit(3);
    while (runConfig.mode === 'hangs') {}
    const model = content.arrays.model.map((value) => value + 1);
    return recordDict({ arrays: { model }, metrics: { 'num-examples': 2 } });
  },
});
export const server = serverApp({
  strategy: new FedAvg(),
  initial: ({ seed }) => ({ model: Float32Array.of(seed, 2) }),
});
`;

test('what an app breaks breaks its process, and the next work starts another', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'starling-app-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'app.ts');
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(file, APP);
  const module = pathToFileURL(file).href;
  const train = (mode: string): AppQuestion => {
    const content = recordDict({ arrays: { model: Float32Array.of(1, 2) } });
    const message = { kind: 'train', runId: 'a', round: 1, node: 'north', content } as const;
    const runConfig = { mode };
    const task = { message, runConfig, nodeConfig: {}, state: recordDict(), seed: 1 };
    return { kind: 'task', client: module, task };
  };
  const hangs = Promise.withResolvers<void>();
  const onOutput = (text: string) => {
    if (text.includes('trains hangs')) hangs.resolve();
  };
  const app = new AppProcess(folder, onOutput, 100);
  const { signal } = new AbortController();

  const initial = { kind: 'initial', server: module, runConfig: {}, seed: 7 } as const;
  t.deepEqual(await app.ask(initial, signal), {
    kind: 'initial',
    weights: Float32Array.of(7, 2),
  });
  t.like(await app.ask(train('well'), signal), {
    outcome: { ok: true, content: { arrays: { model: Float32Array.of(2, 3) } } },
  });
  await t.throwsAsync(app.ask(train('dies'), signal), {
    code: 'worker-died',
    message: /it ended with 3/,
  });
  const abort = new AbortController();
  const both = await Promise.all([app.ask(train('well'), signal), app.ask(initial, signal)]);
  t.deepEqual(
    both.map(({ kind }) => kind),
    ['task', 'initial'],
  );
  const early = new AbortController();
  const never = app.ask(train('hangs'), early.signal);
  early.abort();
  await t.throwsAsync(never, { code: 'aborted' });
  const hanging = app.ask(train('hangs'), abort.signal);
  await hangs.promise;
  abort.abort();
  await t.throwsAsync(hanging, { code: 'aborted' });
  t.like(await app.ask(train('well'), signal), { outcome: { ok: true } });
  await t.throwsAsync(app.ask(train('well'), abort.signal), { code: 'aborted' });
  const gone = { ...initial, server: `${module}.ts` };
  await t.throwsAsync(app.ask(gone, signal), { code: 'invalid-app', message: /app\.ts\.ts/ });
  await app.stop();
});
