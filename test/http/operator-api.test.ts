import { Ledger } from '@starling/rules';
import { API_BASE, API_ROUTES, type MembersView, type RoundsView } from '@starling/runtime';
import { z } from '@starling/shared';
import test from 'ava';
import { MemoryCluster } from '../cluster/memory-cluster.ts';
import { operatorsOf } from './operator-cluster.ts';

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<
    Record<string, { readonly content: Readonly<Record<string, { readonly schema: object }>> }>
  >;
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

test('the OpenAPI document has every route, and nothing else', async (t) => {
  const { app, ask } = await operatorsOf(t);
  const document = (await ask('/openapi.json')).body as unknown as Document;
  t.is(document.openapi, '3.1.0');
  const described = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method} ${path}`),
  );
  const served = app.routes
    .filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => `${method.toLowerCase()} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
  t.deepEqual(described.toSorted(), [...new Set(served)].toSorted());
  t.true(described.length >= API_ROUTES.length);
});

test('the history of the ledger is whole, also after a start that keeps balances alone', async (t) => {
  const cluster = await MemoryCluster.start(t);
  await cluster.coordinator.planRounds(1, 3);
  await cluster.untilFinished();
  const { ask, tokenOf } = await operatorsOf(t, cluster);
  const token = await tokenOf('read', 'reader');
  const told = (await ask(`${API_BASE}/ledger/history?limit=100`, token)).body['entries'];
  t.true(Array.isArray(told) && told.length > 3);
  const { state } = cluster.coordinator;
  Object.assign(state, { ledger: new Ledger(state.ledger.record) });
  t.is(state.ledger.entries.length, 0);
  t.deepEqual((await ask(`${API_BASE}/ledger/history?limit=100`, token)).body['entries'], told);
});

test('every answer is of the form that the OpenAPI document gives, before and after rounds', async (t) => {
  const cluster = await MemoryCluster.start(t);
  const { ask, tokenOf } = await operatorsOf(t, cluster);
  const token = await tokenOf('read', 'reader');
  const document = (await ask('/openapi.json')).body as unknown as Document;
  const check = async (numbers: Record<string, string>) => {
    let asked = 0;
    for (const [path, { get }] of Object.entries(document.paths)) {
      const schema = get?.responses['200']?.content['application/json']?.schema;
      const names = get?.parameters?.filter(({ in: where }) => where === 'path') ?? [];
      if (schema === undefined || names.some(({ name }) => !(name in numbers))) continue;
      const { body, status } = await ask(
        path.replaceAll(/\{(\w+)\}/g, (_, name) => numbers[name] ?? ''),
        token,
      );
      t.is(status, 200, path);
      const parsed = z.fromJSONSchema(schema as z.core.JSONSchema.JSONSchema).safeParse(body);
      t.true(parsed.success, `${path}: ${parsed.error?.message}`);
      asked++;
    }
    return asked;
  };
  const before = await check({});
  await cluster.coordinator.planRounds(2, 3);
  await cluster.untilFinished();
  t.true((await check({ round: '2' })) > before);
});

test('a round tells its phases, whom it covers and why these', async (t) => {
  const cluster = await MemoryCluster.start(t);
  const { ask, tokenOf } = await operatorsOf(t, cluster);
  const token = await tokenOf('read', 'reader');
  await cluster.coordinator.planRounds(3, 3);
  await cluster.untilFinished();
  const { rounds } = (await ask('/api/v1/rounds?limit=2', token)).body as unknown as RoundsView;
  t.deepEqual(
    rounds.map(({ round }) => round),
    [3, 2],
  );
  const [newest] = rounds;
  t.deepEqual(
    newest?.phases.map(({ phase }) => phase),
    ['training', 'voting', 'final'],
  );
  t.is(newest?.phases.at(-1)?.untilMs, newest?.closedAtMs);
  t.like(newest?.coverage, { cohort: 3, members: 3 });
  t.is(newest?.coverage.examples, newest?.coverage.registeredExamples);
  t.regex(newest?.selection ?? '', /^all 3 sites that are ready and connected/);
  const older = (await ask('/api/v1/rounds?before=2', token)).body as unknown as RoundsView;
  t.is(older.rounds.length, 1);
});

test('a member is offline, connected, registered, configured or training, and never two of them', async (t) => {
  const cluster = await MemoryCluster.found(t);
  const { ask, tokenOf } = await operatorsOf(t, cluster);
  const token = await tokenOf('read', 'reader');
  const members = async () => {
    return ((await ask('/api/v1/members', token)).body as unknown as MembersView).members;
  };
  const states = async () => (await members()).map(({ state }) => state);
  await cluster.admitAll();
  t.deepEqual(await states(), ['offline', 'offline', 'offline']);
  for (const site of cluster.sites) await site.start();
  await cluster.until('all configured', async () => {
    return (await states()).every((state) => state === 'configured');
  });
  await cluster.coordinator.planRounds(1, 3);
  await cluster.untilEvent('round-opened');
  t.true((await states()).includes('training'));
  await cluster.untilFinished();
  await cluster.sites[0]?.stop();
  await cluster.until('one offline', async () => (await states()).includes('offline'));
  const gone = (await members()).find(({ state }) => state === 'offline');
  t.is(typeof gone?.lastContactMs, 'number');
});

test('what is asked for wrongly is refused by its place, what is not there by its number', async (t) => {
  const { ask, tokenOf } = await operatorsOf(t, await MemoryCluster.found(t));
  const token = await tokenOf('read', 'reader');
  const refusals = [
    ['/rounds?limit=0', 400, /^limit: /],
    ['/rounds?limit=101', 400, /^limit: /],
    ['/rounds?newest=1', 400, /newest/],
    ['/rounds/none', 400, /^round: /],
    ['/rounds/7', 404, /round 7 was not opened yet: the newest is 0/],
    ['/rounds/7/verification', 409, /round 7 made no version/],
    ['/secrets', 404, /see \/openapi\.json/],
  ] as const;
  for (const [path, expected, words] of refusals) {
    const { body, status } = await ask(`${API_BASE}${path}`, token);
    t.is(status, expected, path);
    t.regex(String(body['error']), words, path);
  }
});
