import { type ArrayRecord, recordDict } from '@starling/shared';
import test from 'ava';
import { FedAvg } from '../strategies/fed-avg.ts';
import { FedBuff } from '../strategies/fed-buff.ts';
import type { ClientReplies, ClientReply, RoundContext } from '../strategies/strategy.ts';
import { type ServerParts, serverApp } from './server-app.ts';
import { FAILED_ROUNDS_MAX, type RoundResult, type ServerStep } from './server-run.ts';

const CLIENTS = ['c', 'a', 'b'].map((node) => ({ node, examples: undefined }));
const NODES = { clients: () => CLIENTS, kinds: ['train', 'evaluate'] as const };
const CONTEXT = { runConfig: {}, seed: 1 };

/** FedAvg that counts its rounds in its state. */
class CountingAverage extends FedAvg {
  rounds = 0;

  override async aggregateTrain(context: RoundContext, replies: Iterable<ClientReply>) {
    const aggregate = await super.aggregateTrain(context, replies);
    this.rounds += 1;
    return aggregate;
  }

  override state(): ArrayRecord {
    return { rounds: Float32Array.of(this.rounds) };
  }

  override restore(state: ArrayRecord): void {
    this.rounds = state['rounds']?.[0] ?? 0;
  }
}

const parts = (own: Partial<ServerParts> = {}): ServerParts => ({
  strategy: () => new CountingAverage(),
  rounds: 3,
  initial: () => ({ model: Float32Array.of(0, 0) }),
  ...own,
});

/** Nodes that add one to every weight. */
function answer(step: ServerStep): ClientReply[] {
  if (step.kind === 'round' || step.kind === 'arrival') return [];
  return step.assignments.map(({ content, node }) => {
    const model = (content.arrays['model'] ?? new Float32Array()).map((weight) => weight + 1);
    const metrics = { 'num-examples': 2, loss: 3 };
    return {
      node,
      content: recordDict(step.kind === 'train' ? { arrays: { model }, metrics } : { metrics }),
    };
  });
}

async function drive(
  own: Partial<ServerParts>,
  options: {
    readonly from?: Parameters<ReturnType<typeof serverApp>['start']>[1];
    readonly nodes?: Parameters<
      Awaited<ReturnType<ReturnType<typeof serverApp>['start']>>['steps']
    >[0];
    readonly reply?: (step: ServerStep) => ClientReply[];
  } = {},
) {
  const run = await serverApp(parts(own)).start(CONTEXT, options.from);
  const steps = run.steps(options.nodes ?? NODES);
  const kinds: string[] = [];
  const results: RoundResult[] = [];
  let replies: ClientReply[] | undefined;
  for (;;) {
    const next = await steps.next(replies);
    if (next.done) return { kinds, results, run };
    const step = next.value;
    kinds.push(`${step.kind} ${step.kind === 'round' ? step.result.round : step.round}`);
    if (step.kind === 'round') results.push(step.result);
    replies = (options.reply ?? answer)(step);
  }
}

test('a round trains, evaluates, and ends with its result', async (t) => {
  const { kinds, results, run } = await drive({ rounds: 2 });
  t.deepEqual(kinds, ['train 1', 'evaluate 1', 'round 1', 'train 2', 'evaluate 2', 'round 2']);
  t.deepEqual(run.checkpoint.arrays, { model: Float32Array.of(2, 2) });
  t.is(results[1]?.train['loss'], 3);
  t.is(results[1]?.evaluate['loss'], 3);
});

test('nodes are asked in ascending order, with the config of the round', async (t) => {
  const asked: string[] = [];
  await drive(
    { rounds: 2, config: (round) => ({ 'local-epochs': round }) },
    {
      reply: (step) => {
        if (step.kind === 'train') {
          asked.push(...step.assignments.map(({ node }) => node));
          t.is(step.assignments[0]?.content.config['local-epochs'], step.round);
        }
        return answer(step);
      },
    },
  );
  t.deepEqual(asked, ['a', 'b', 'c', 'a', 'b', 'c']);
});

test('the server judges the model that the run starts from, and that of every round', async (t) => {
  const { results } = await drive({
    rounds: 2,
    evaluate: (round, { model }) => ({ round, first: model?.[0] ?? -1 }),
  });
  t.deepEqual(
    results.map(({ server }) => server),
    [
      { round: 0, first: 0 },
      { round: 1, first: 1 },
      { round: 2, first: 2 },
    ],
  );
});

test('clients that evaluate nothing are not asked to', async (t) => {
  const { kinds } = await drive({ rounds: 1 }, { nodes: { ...NODES, kinds: ['train'] } });
  t.deepEqual(kinds, ['train 1', 'round 1']);
});

test('a run resumed from a checkpoint ends as the whole run, memory of the strategy included', async (t) => {
  const whole = await drive({ rounds: 4 });
  const { run } = await drive({ rounds: 2 });
  const resumed = await drive({ rounds: 4 }, { from: run.checkpoint });
  t.deepEqual(resumed.kinds[0], 'train 3');
  t.deepEqual(resumed.run.checkpoint, whole.run.checkpoint);
  t.deepEqual(resumed.run.checkpoint.state, { rounds: Float32Array.of(4) });
});

test('a round in which too few replies count leaves the model, and says why', async (t) => {
  const { results, run } = await drive(
    { rounds: 2 },
    { reply: (step) => (step.kind === 'train' && step.round === 1 ? [] : answer(step)) },
  );
  t.regex(results[0]?.failure ?? '', /needs 1 replies, 0 count/);
  t.is(results[1]?.failure, undefined);
  t.deepEqual(run.checkpoint.arrays, { model: Float32Array.of(1, 1) });
});

test('a run ends after too many rounds in a row without a new model', async (t) => {
  let rounds = 0;
  const reply = (step: ServerStep) => {
    if (step.kind === 'train') rounds += 1;
    return step.kind === 'train' ? [] : answer(step);
  };
  await t.throwsAsync(drive({ rounds: 100 }, { reply }), { code: 'too-few-replies' });
  t.is(rounds, FAILED_ROUNDS_MAX + 1);
});

test('what a query comes to is sent with every round, also after a resumption', async (t) => {
  const query = {
    content: recordDict({ config: { what: 'rows' } }),
    aggregate: async (replies: ClientReplies) => {
      let rows = 0;
      for await (const { content } of replies) rows += Number(content.metrics['rows']);
      return { rows };
    },
  };
  const sent: unknown[] = [];
  const reply = (step: ServerStep): ClientReply[] => {
    if (step.kind === 'train') sent.push(step.assignments[0]?.content.config['rows']);
    if (step.kind !== 'query') return answer(step);
    t.is(step.assignments[0]?.content.config['what'], 'rows');
    const content = recordDict({ metrics: { rows: 7 } });
    return step.assignments.map(({ node }) => ({ node, content }));
  };
  const nodes = { ...NODES, kinds: ['train', 'query'] as const };
  const { kinds, run } = await drive({ rounds: 1, query }, { nodes, reply });
  t.deepEqual(kinds, ['query 0', 'train 1', 'round 1']);
  await drive({ rounds: 2, query }, { nodes, reply, from: run.checkpoint });
  t.deepEqual(sent, [21, 21]);
  await t.throwsAsync(drive({ query }), { code: 'no-handler', message: /a handler 'query'/ });
});

test('a strategy of arrivals gets updates one by one, with what their nodes started from', async (t) => {
  const app = serverApp(parts({ rounds: 2, strategy: () => new FedBuff({ bufferSize: 2 }) }));
  const steps = (await app.start(CONTEXT)).steps({ ...NODES, kinds: ['train'] });
  const first = { round: 1, base: { model: Float32Array.of(0, 0) } };
  const update = (node: string, by: number) => ({
    node,
    content: recordDict({
      arrays: { model: Float32Array.of(by, by) },
      metrics: { 'num-examples': 1 },
    }),
  });
  const kinds: string[] = [];
  let next = await steps.next();
  for (const by of [2, 4, 4, 4]) {
    while (!next.done && next.value.kind !== 'arrival') next = await steps.next();
    if (next.done) return t.fail();
    kinds.push(`${next.value.kind} ${next.value.kind === 'arrival' ? next.value.round : ''}`);
    next = await steps.next({ ...first, reply: update('a', by) });
  }
  t.deepEqual(kinds, ['arrival 1', 'arrival 1', 'arrival 2', 'arrival 2']);
  if (next.done || next.value.kind !== 'round') return t.fail();
  const stale = 4 / Math.sqrt(2);
  t.deepEqual(next.value.checkpoint.arrays['model'], Float32Array.of(3 + stale, 3 + stale));
});

test('the number of rounds comes from the app, the run config, or is three', async (t) => {
  const roundsOf = async (own: Partial<ServerParts>, runConfig = {}) => {
    const { rounds: _, ...rest } = parts();
    return (await serverApp({ ...rest, ...own }).start({ runConfig, seed: 1 })).rounds;
  };
  t.is(await roundsOf({}), 3);
  t.is(await roundsOf({}, { 'num-server-rounds': 7 }), 7);
  t.is(await roundsOf({ rounds: 5 }, { 'num-server-rounds': 7 }), 5);
  t.is(await roundsOf({ rounds: () => 9 }), 9);
  for (const rounds of [0, 1.5, '3', 1_000_001]) {
    await t.throwsAsync(roundsOf({}, { 'num-server-rounds': rounds }), {
      code: 'invalid-options',
      message: /a whole number 1 … 1000000/,
    });
  }
});

test('an app without its parts is refused, and one that starts from nothing', async (t) => {
  const refused = { code: 'invalid-options' };
  t.throws(() => serverApp({} as never), { ...refused, message: /strategy is missing/ });
  const { initial: _, ...headless } = parts();
  t.throws(() => serverApp(headless as never), { ...refused, message: /initial is undefined/ });
  const start = (initial: ServerParts['initial']) => serverApp(parts({ initial })).start(CONTEXT);
  await t.throwsAsync(
    start(() => ({})),
    { ...refused, message: /no arrays/ },
  );
  await t.throwsAsync(
    start(() => ({ model: [0] as never })),
    { ...refused, message: /a Array/ },
  );
  await t.throwsAsync(drive({ evaluate: () => ({ loss: 'low' as never }) }), {
    code: 'invalid-reply',
    message: /evaluate in round 0: metrics\['loss'\] is a string/,
  });
});
