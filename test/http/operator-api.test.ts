import { API_BASE, API_ROUTES, type MembersView, type RoundsView } from '@starling/runtime';
import test from 'ava';
import { MemoryCluster } from '../cluster/memory-cluster.ts';
import { apiOf } from './operator-cluster.ts';

test('every question has an answer of the described form, before and after rounds', async (t) => {
  const cluster = await MemoryCluster.start(t);
  const ask = apiOf(cluster);
  const check = async (numbers: Record<string, string>) => {
    for (const { answer, method, path } of API_ROUTES) {
      if (method !== 'get') continue;
      const asked = path.replaceAll(/\{(\w+)\}/g, (_, name) => numbers[name] ?? '');
      if (asked.includes('//') || asked.endsWith('/')) continue;
      const { body, status } = await ask(`${API_BASE}${asked}`);
      t.is(status, 200, asked);
      const parsed = answer.safeParse(body);
      t.true(parsed.success, `${asked}: ${parsed.error?.message}`);
    }
  };
  await check({});
  await cluster.coordinator.planRounds(2, 3);
  await cluster.untilFinished();
  await check({ round: '2' });
});

test('a round tells its phases, whom it covers and why these', async (t) => {
  const cluster = await MemoryCluster.start(t);
  const ask = apiOf(cluster);
  await cluster.coordinator.planRounds(3, 3);
  await cluster.untilFinished();
  const { rounds } = (await ask('/api/v1/rounds?limit=2')).body as RoundsView;
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
  const older = (await ask('/api/v1/rounds?before=2')).body as RoundsView;
  t.is(older.rounds.length, 1);
});

test('a member is offline, connected, registered, configured or training, and never two of them', async (t) => {
  const cluster = await MemoryCluster.found(t);
  const ask = apiOf(cluster);
  const states = async () => {
    const { members } = (await ask('/api/v1/members')).body as MembersView;
    return members.map(({ state }) => state);
  };
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
  const { members } = (await ask('/api/v1/members')).body as MembersView;
  const gone = members.find(({ state }) => state === 'offline');
  t.is(typeof gone?.lastContactMs, 'number');
});

test('what is asked for wrongly is refused by its place, what is not there by its number', async (t) => {
  const ask = apiOf(await MemoryCluster.found(t));
  const refusals = [
    ['/api/v1/rounds?limit=0', 400, /^limit: /],
    ['/api/v1/rounds?limit=101', 400, /^limit: /],
    ['/api/v1/rounds?newest=1', 400, /newest/],
    ['/api/v1/rounds/none', 400, /^round: /],
    ['/api/v1/rounds/7', 404, /round 7 was not opened yet: the newest is 0/],
    ['/api/v1/rounds/7/verification', 409, /round 7 made no version/],
    ['/api/v1/secrets', 404, /see \/openapi\.json/],
  ] as const;
  for (const [path, expected, words] of refusals) {
    const { body, status } = await ask(path);
    t.is(status, expected, path);
    t.regex((body as { error: string }).error, words, path);
  }
});
