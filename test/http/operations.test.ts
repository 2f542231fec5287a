import { writeFileSync } from 'node:fs';
import { type LogFields, type Logger, NO_LOGGER } from '@starling/shared';
import test from 'ava';
import { MemoryCluster } from '../cluster/memory-cluster.ts';
import { operatorsOf } from './operator-cluster.ts';

const post = (body: unknown): RequestInit => ({ method: 'POST', body: JSON.stringify(body) });

test('each operation needs its role, does what it says and is in the log by name', async (t) => {
  const cluster = await MemoryCluster.start(t);
  const lines: LogFields[] = [];
  const logger: Logger = { ...NO_LOGGER, info: (_, fields = {}) => void lines.push(fields) };
  const { ask, tokenOf } = await operatorsOf(t, cluster, logger);
  const [read, operate] = [await tokenOf('read', 'eye'), await tokenOf('operate', 'hand')];
  const admin = await tokenOf('admin', 'head');
  const rounds = post({ peersMin: 3, rounds: 1 });
  const forbidden = await ask('/api/v1/rounds', read, rounds);
  t.is(forbidden.status, 403);
  t.regex(String(forbidden.body['error']), /"eye" has the role read, this needs operate/);
  t.like(await ask('/api/v1/rounds', operate, rounds), { status: 200, body: { planned: 1 } });
  t.is(cluster.coordinator.state.roundsPlanned, 1);
  t.is((await ask('/api/v1/invitations', operate, post({ site: 'new' }))).status, 403);
  const { body } = await ask('/api/v1/invitations', admin, post({ site: 'new' }));
  const site = cluster.newSite('new');
  const invitation = String(body['invitation']);
  await site.join(new Uint8Array(Buffer.from(invitation, 'base64url')));
  const revocation = post({ reason: 'sold', who: 'new' });
  const revoked = await ask('/api/v1/roster/revocations', admin, revocation);
  t.like(revoked, { status: 200, body: { kind: 'in-force' } });
  const unknown = await ask('/api/v1/roster/revocations', admin, post({ reason: 'x', who: 'no' }));
  t.is(unknown.status, 409);
  t.deepEqual(
    lines.map(({ token, path }) => `${token} ${path}`),
    [
      'hand /api/v1/rounds',
      'head /api/v1/invitations',
      'head /api/v1/roster/revocations',
      'head /api/v1/roster/revocations',
    ],
  );
  t.like(lines[2], { 'asked.reason': 'sold', 'asked.who': 'new', outcome: 'done' });
  t.regex(String(lines[3]?.['outcome']), /^refused: /);
  t.false(JSON.stringify(lines).includes(invitation));
});

test('versions are pinned and brought back by who may operate', async (t) => {
  const cluster = await MemoryCluster.start(t);
  const { ask, tokenOf } = await operatorsOf(t, cluster);
  const token = await tokenOf('operate', 'hand');
  await cluster.coordinator.planRounds(2, 3);
  await cluster.untilFinished();
  const pin = post({ direction: 'higher', metric: 'recall-at-10' });
  t.is((await ask('/api/v1/versions/1/pin', token, pin)).status, 200);
  const { body } = await ask('/api/v1/versions', token);
  t.is(body['pinned'], 1);
  t.is((await ask('/api/v1/versions/9/pin', token, pin)).status, 409);
  t.is((await ask('/api/v1/versions/1/rollback', token, { method: 'POST' })).status, 200);
  const again = await ask('/api/v1/versions/2/rollback', token, { method: 'POST' });
  t.is(again.status, 409);
});

test('a body that is not as described is refused by its place', async (t) => {
  const { ask, tokenOf } = await operatorsOf(t, await MemoryCluster.found(t));
  const token = await tokenOf('admin', 'head');
  const refusals = [
    [post({ peersMin: 0, rounds: 1 }), /^peersMin: /],
    [post({ peersMin: 1, rounds: 1_000_001 }), /^rounds: /],
    [post({ peersMin: 1, rounds: 1, more: 1 }), /more/],
    [{ method: 'POST', body: 'no JSON' }, /no JSON/],
    [{ method: 'POST' }, /no JSON/],
  ] as const;
  for (const [init, words] of refusals) {
    const { body, status } = await ask('/api/v1/rounds', token, init);
    t.is(status, 400);
    t.regex(String(body['error']), words);
  }
});

test('a damaged file of tokens lets nobody in and is named', async (t) => {
  const { ask, home, tokenOf } = await operatorsOf(t, await MemoryCluster.found(t));
  const token = await tokenOf('admin', 'head');
  writeFileSync(`${home}/http-tokens.json`, '{');
  const { body, status } = await ask('/api/v1/members', token);
  t.is(status, 409);
  t.regex(String(body['error']), /http-tokens\.json is damaged/);
});
