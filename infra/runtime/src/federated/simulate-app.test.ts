import { FedAvg, serverApp } from '@starling/rules';
import { recordDict } from '@starling/shared';
import { clientApp } from '@starling/training';
import test from 'ava';
import { type SimulationOptions, simulateApp } from './simulate-app.ts';
import { simulationCsv } from './simulation-record.ts';
import { client, server } from './toy-app-fixture.ts';

const MODULE = new URL('./toy-app-fixture.ts', import.meta.url);
const toy = (own: Partial<SimulationOptions> = {}) =>
  simulateApp({ client, server, nodes: 8, runConfig: { 'num-server-rounds': 3 }, ...own });

test('every number of workers gives the same model and the same record', async (t) => {
  const runConfig = { 'num-server-rounds': 3, 'fraction-train': 0.5 };
  const network = { dropOut: 0.2, delay: (uniform: () => number) => 100 * uniform() };
  const own = { nodes: 40, runConfig, network, seed: 5 };
  const inline = await toy(own);
  const two = await toy({ ...own, client: MODULE, workers: 2 });
  t.deepEqual(two, inline);
  t.not((await toy({ ...own, seed: 6 })).digest, inline.digest);
  t.true(inline.rounds.some(({ failed }) => failed > 0));
});

test('each node keeps its own state from round to round, in memory or on the disk', async (t) => {
  for (const statesBytesMax of [1 << 20, 100]) {
    const { rounds } = await toy({ statesBytesMax });
    t.deepEqual(
      rounds.map(({ train }) => train['rounds']),
      [undefined, 1, 2, 3],
    );
  }
});

test('a node that fails is named with its reason, and the round goes on', async (t) => {
  const failing = (fails: string, own: Partial<SimulationOptions> = {}) =>
    toy({ runConfig: { 'num-server-rounds': 1, fails }, ...own });
  const [, thrown] = (await failing('node-3')).rounds;
  t.is(thrown?.answered, 7);
  t.is(thrown?.failures.length, 1);
  t.regex(thrown?.failures[0]?.reason ?? '', /^RangeError: no data at node-3/);
  const [, notFinite] = (await failing('nan node-3')).rounds;
  t.is(notFinite?.refused[0]?.node, 'node-3');
  t.regex(notFinite?.refused[0]?.reason ?? '', /NaN/);
});

test('a node that ends its thread takes only itself along, and what others print is told', async (t) => {
  let said = '';
  const { rounds } = await toy({
    client: MODULE,
    workers: 1,
    runConfig: { 'num-server-rounds': 1, fails: 'exit node-3', speaks: true },
    onOutput: (text) => {
      said += text;
    },
  });
  t.is(rounds[1]?.answered, 7);
  t.deepEqual(
    rounds[1]?.failures.map(({ node }) => node),
    ['node-3'],
  );
  t.regex(rounds[1]?.failures[0]?.reason ?? '', /^worker-died/);
  t.regex(said, /node-7 in round 1\n/);
});

test('a handler may write into its arrays without another node seeing it', async (t) => {
  const { rounds } = await toy({ nodes: 2, runConfig: { 'num-server-rounds': 1 } });
  const first = Number(rounds[1]?.server['first']);
  t.true(first > 0.25 && first < 1, 'the mean of (0 + target) / 2 of both nodes');
});

test('a round that no node answers ends the run with the first reason', async (t) => {
  await t.throwsAsync(toy({ runConfig: { fails: 'all' } }), {
    code: 'no-answers',
    message: /round 1, train: none of the 8 nodes answered; node-0: Error: no data here/,
  });
});

test('nodes that the network loses for a round are no reason to end', async (t) => {
  const { rounds } = await toy({ network: { dropOut: 1 }, runConfig: { 'num-server-rounds': 1 } });
  t.is(rounds[1]?.failed, 8);
  t.is(rounds[1]?.failures[0]?.reason, 'dropped out');
  t.regex(rounds[1]?.failure ?? '', /0 count/);
});

test('a round ends at its deadline, or when as many answered as it waits for', async (t) => {
  const delay = (uniform: () => number) => 1000 * uniform();
  const runConfig = { 'num-server-rounds': 1, 'fraction-evaluate': 0 };
  const roundOf = async (network: NonNullable<SimulationOptions['network']>) =>
    (await toy({ nodes: 100, network, runConfig })).rounds[1];
  const patient = await roundOf({ delay });
  t.is(patient?.failed, 0);
  t.true(Number(patient?.virtualMs) > 900);
  const strict = await roundOf({ delay, deadlineMs: 300 });
  t.is(strict?.virtualMs, 300);
  t.true(Number(strict?.failed) > 50 && Number(strict?.failed) < 90, `${strict?.failed}`);
  const hasty = await roundOf({ delay, waitFor: 0.8 });
  t.is(hasty?.answered, 80);
  t.true(Number(hasty?.virtualMs) > 700 && Number(hasty?.virtualMs) < 900);
});

test('an abort ends the run between nodes, and what was finished was told', async (t) => {
  const stop = new AbortController();
  const told: number[] = [];
  const run = toy({
    signal: stop.signal,
    runConfig: { 'num-server-rounds': 100 },
    onRound: ({ round }) => {
      told.push(round);
      if (round === 2) stop.abort();
    },
  });
  await t.throwsAsync(run, { code: 'aborted' });
  t.deepEqual(told, [0, 1, 2]);
});

test('an abort reaches a handler at work, in a thread and in this one', async (t) => {
  const runConfig = { fails: 'hangs' };
  const threaded = new AbortController();
  await t.throwsAsync(
    toy({
      client: MODULE,
      workers: 1,
      runConfig,
      signal: threaded.signal,
      onOutput: () => threaded.abort(),
    }),
    { code: 'aborted' },
  );
  const stop = new AbortController();
  const deaf = clientApp({ train: () => new Promise(() => stop.abort()) });
  await t.throwsAsync(toy({ client: deaf, signal: stop.signal }), { code: 'aborted' });
});

test('a run goes on from the checkpoint of a round as if it had never ended', async (t) => {
  const stateless = clientApp({
    train: async ({ content }, { seed }) => {
      const model = content.arrays['model']?.map((weight) => weight / 2 + seed / 2 ** 32);
      return recordDict({
        arrays: model === undefined ? {} : { model },
        metrics: { 'num-examples': 1 },
      });
    },
  });
  const whole = await toy({ client: stateless, runConfig: { 'num-server-rounds': 4 } });
  let resume: SimulationOptions['resume'];
  await toy({
    client: stateless,
    runConfig: { 'num-server-rounds': 2 },
    onRound: (_, checkpoint) => {
      resume = checkpoint;
    },
  });
  if (resume === undefined) return t.fail('no checkpoint');
  const rest = await toy({ client: stateless, runConfig: { 'num-server-rounds': 4 }, resume });
  t.is(rest.digest, whole.digest);
  t.deepEqual(rest.rounds, whole.rounds.slice(3));
});

test('a query is answered by all nodes before the first round', async (t) => {
  const asking = clientApp({
    train: async ({ content }) =>
      recordDict({
        arrays: content.arrays,
        metrics: { 'num-examples': 1, told: Number(content.config['sum']) },
      }),
    query: async (_message, { nodeConfig }) =>
      recordDict({ metrics: { id: Number(nodeConfig['partition-id']) } }),
  });
  const { rounds } = await simulateApp({
    client: asking,
    server: serverApp({
      strategy: () => new FedAvg({ fractionTrain: 0.5 }),
      rounds: 1,
      initial: () => ({ model: new Float32Array(1) }),
      query: {
        aggregate: async (replies) => {
          let sum = 0;
          for await (const { content } of replies) sum += Number(content.metrics['id']);
          return { sum };
        },
      },
    }),
    nodes: 8,
  });
  t.is(rounds[0]?.train['told'], 28);
  t.is(rounds[0]?.asked, 4);
});

test('the CSV has a line per round and a column per metric', async (t) => {
  const lines = simulationCsv(await toy())
    .trimEnd()
    .split('\n');
  t.is(lines.length, 5);
  t.regex(lines[0] ?? '', /^round,asked,answered,failed,refused,virtual-ms,evaluate:loss/);
  t.regex(lines[2] ?? '', /^1,8,8,0,0,0,[\d.]+,/);
});

test('what cannot be simulated is refused with the number', async (t) => {
  const refused: readonly (readonly [Partial<SimulationOptions>, RegExp])[] = [
    [{ nodes: 0 }, /nodes is 0/],
    [{ nodes: ['a', 'a'] }, /two nodes are called a/],
    [{ seed: -1 }, /seed is -1/],
    [{ network: { dropOut: 2 } }, /dropOut = 2/],
    [{ network: { deadlineMs: 0 } }, /deadlineMs = 0/],
    [{ network: { waitFor: 0 } }, /waitFor = 0/],
    [{ client: MODULE, workers: 0 }, /workers is 0/],
  ];
  for (const [own, message] of refused) {
    await t.throwsAsync(toy(own), { code: 'invalid-options', message });
  }
});
