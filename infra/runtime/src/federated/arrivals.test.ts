import test from 'ava';
import { type SimulationOptions, simulateApp } from './simulate-app.ts';
import { client, server } from './toy-app-fixture.ts';
import { parseDelay } from './virtual-network.ts';

const MODULE = new URL('./toy-app-fixture.ts', import.meta.url);
const RUN_CONFIG = { 'num-server-rounds': 6, 'is-asynchronous': true };

const buffered = (own: Partial<SimulationOptions> = {}) =>
  simulateApp({
    client,
    server,
    nodes: 50,
    concurrency: 12,
    runConfig: RUN_CONFIG,
    network: { delay: parseDelay('half-normal:1000') },
    ...own,
  });

test('nodes that train without rounds make a model from every four updates', async (t) => {
  const { rounds } = await buffered();
  const models = rounds.slice(1);
  t.deepEqual(
    models.map(({ answered, round }) => [round, answered]),
    [1, 2, 3, 4, 5, 6].map((round) => [round, 4]),
  );
  t.is(models[0]?.asked, 12 + 3, 'all begin, and one more for each of the first three answers');
  t.is(models[0]?.train['staleness'], 0);
  t.true(
    models.some(({ train }) => Number(train['staleness']) > 0),
    'some started from older models',
  );
  const times = models.map(({ virtualMs }) => virtualMs);
  t.deepEqual(
    times,
    [...times].sort((a, b) => a - b),
  );
  t.true(Number(times[0]) > 0);
});

test('threads change neither the order of arrivals nor the model', async (t) => {
  const network = { delay: parseDelay('exponential:500'), dropOut: 0.2 };
  const inline = await buffered({ network });
  t.deepEqual(await buffered({ network, client: MODULE, workers: 2 }), inline);
  t.true(inline.rounds.some(({ failed }) => failed > 0));
  t.not((await buffered({ network, seed: 2 })).digest, inline.digest);
});

test('one node at work at a time has no stale updates', async (t) => {
  const { rounds } = await buffered({ concurrency: 1 });
  t.true(rounds.slice(1).every(({ asked, train }) => asked === 4 && train['staleness'] === 0));
});

test('only failures, or a network that loses everything, end the run', async (t) => {
  await t.throwsAsync(buffered({ runConfig: { ...RUN_CONFIG, fails: 'all' } }), {
    code: 'no-answers',
    message: /12 nodes in a row did not answer; the last one, node-\d+: Error: no data here/,
  });
  await t.throwsAsync(buffered({ network: { dropOut: 1 } }), {
    code: 'no-answers',
    message: /1200 nodes in a row did not answer; .*: dropped out/,
  });
});

test('an abort ends an asynchronous run too', async (t) => {
  const stop = new AbortController();
  const run = buffered({
    signal: stop.signal,
    onRound: ({ round }) => {
      if (round === 2) stop.abort();
    },
  });
  await t.throwsAsync(run, { code: 'aborted' });
});
