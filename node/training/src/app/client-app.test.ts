import { type AppMessage, type AppMessageKind, recordDict } from '@starling/shared';
import test from 'ava';
import { type ClientContext, clientApp, type Mod } from './client-app.ts';

const message = (kind: AppMessageKind): AppMessage => ({
  kind,
  runId: 'run',
  round: 1,
  node: 'node-0',
  content: recordDict({ config: { 'local-epochs': 1 } }),
});

const context = (): ClientContext => ({
  node: 'node-0',
  runConfig: {},
  nodeConfig: { 'partition-id': 0 },
  state: recordDict(),
  signal: new AbortController().signal,
  seed: 1,
});

test('a message goes to the handler of its kind', async (t) => {
  const app = clientApp({
    train: async () => recordDict({ metrics: { trained: 1 } }),
    query: async () => recordDict({ metrics: { queried: 1 } }),
  });
  t.deepEqual(app.kinds, ['train', 'query']);
  t.deepEqual((await app.handle(message('train'), context())).metrics, { trained: 1 });
  t.deepEqual((await app.handle(message('query'), context())).metrics, { queried: 1 });
});

test('a message that no handler answers is refused with what to add', async (t) => {
  const app = clientApp({ train: async () => recordDict() });
  await t.throwsAsync(app.handle(message('evaluate'), context()), {
    code: 'no-handler',
    message: /answers train; give clientApp a handler 'evaluate'/,
  });
});

test('the first mod stands outermost and may change message and answer', async (t) => {
  const seen: string[] = [];
  const mod =
    (name: string): Mod =>
    async (given, own, next) => {
      seen.push(`${name} in`);
      const content = recordDict({ config: { ...given.content.config, [name]: true } });
      const answer = await next({ ...given, content }, own);
      seen.push(`${name} out`);
      return { ...answer, metrics: { ...answer.metrics, [name]: 1 } };
    };
  const app = clientApp({
    train: async ({ content }) => {
      seen.push(Object.keys(content.config).join(' '));
      return recordDict();
    },
    mods: [mod('outer'), mod('inner')],
  });
  const { metrics } = await app.handle(message('train'), context());
  t.deepEqual(seen, ['outer in', 'inner in', 'local-epochs outer inner', 'inner out', 'outer out']);
  t.deepEqual(metrics, { inner: 1, outer: 1 });
});

test('a handler keeps state for the next round of its node', async (t) => {
  const app = clientApp({
    train: async (_message, own) => {
      const rounds = Number(own.state.metrics['rounds'] ?? 0) + 1;
      own.state = recordDict({ metrics: { rounds } });
      return recordDict({ metrics: { rounds } });
    },
  });
  const own = context();
  await app.handle(message('train'), own);
  const { metrics } = await app.handle(message('train'), own);
  t.is(metrics['rounds'], 2);
});

test('an answer that is no RecordDict is refused with its place', async (t) => {
  const app = clientApp({ train: async () => ({ arrays: { model: [1] } }) as never });
  await t.throwsAsync(app.handle(message('train'), context()), {
    code: 'invalid-reply',
    message: /answer to train: arrays\['model'\] is a Array, not a Float32Array/,
  });
});

test('an app without train or with a mod that is no function is refused', (t) => {
  t.throws(() => clientApp({} as never), {
    code: 'invalid-options',
    message: /train is undefined, not a function/,
  });
  t.throws(() => clientApp({ train: async () => recordDict(), mods: [1 as never] }), {
    code: 'invalid-options',
    message: /mods\[0\] is number/,
  });
});
