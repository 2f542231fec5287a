import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  ADDRESS_LIMIT,
  FAILURE_LIMIT,
  OPERATOR_BODY_BYTES_MAX,
  revokeToken,
  TOKEN_LIMIT,
} from '@starling/runtime';
import test from 'ava';
import { MemoryCluster } from '../cluster/memory-cluster.ts';
import { operatorsOf } from './operator-cluster.ts';

const MEMBERS = '/api/v1/members';

test('only a token that was made here, still holds and has the role is let in', async (t) => {
  const { ask, clock, home, tokenOf } = await operatorsOf(t, await MemoryCluster.found(t));
  const expected = async (token: string | undefined, status: number, words: RegExp) => {
    const answer = await ask(MEMBERS, token);
    t.is(answer.status, status);
    t.regex(JSON.stringify(answer.body), words);
  };
  await expected(undefined, 401, /bearer token is needed.*starling token create/);
  await expected(`starling_${'x'.repeat(43)}`, 401, /not known here/);
  const brief = await tokenOf('read', 'brief', clock.nowMs() + 1_000);
  await expected(brief, 200, /members/);
  await clock.advance(1_000);
  await expected(brief, 401, /brief.* expired at 20/);
  const admin = await tokenOf('admin', 'admin');
  await expected(admin, 200, /members/);
  await revokeToken(home, 'admin');
  await expected(admin, 401, /not known here/);
});

test("the file of tokens is its owner's alone and holds no token", async (t) => {
  const { home, tokenOf } = await operatorsOf(t);
  const token = await tokenOf('operate', 'robot');
  const path = join(home, 'http-tokens.json');
  t.is(statSync(path).mode & 0o777, 0o600);
  const text = readFileSync(path, 'utf8');
  t.true(text.includes('"robot"'));
  t.false(text.includes(token));
  await t.throwsAsync(tokenOf('read', 'robot'), { message: /a token "robot" exists/ });
  await t.throwsAsync(tokenOf('read', 'no name'), { message: /--name is "no name": 1 to 63/ });
  await t.throwsAsync(revokeToken(home, 'nobody'), { message: /there is no token "nobody"/ });
});

test('whoever guesses tokens is refused after twenty, and others are not', async (t) => {
  const { ask, asks, clock, tokenOf } = await operatorsOf(t, await MemoryCluster.found(t));
  const token = await tokenOf('read', 'reader');
  for (let i = 0; i < FAILURE_LIMIT.burst; i++) t.is((await ask(MEMBERS, 'guess')).status, 401);
  const refused = await ask(MEMBERS, token);
  t.is(refused.status, 429);
  t.is(refused.headers.get('retry-after'), '3');
  t.regex(String(refused.body['error']), /too many refused tokens of one address: 20 at once/);
  asks.address = '192.0.2.2';
  t.is((await ask(MEMBERS, token)).status, 200);
  asks.address = '192.0.2.1';
  await clock.advance(3_000);
  t.is((await ask(MEMBERS, token)).status, 200);
});

test('a token and an address may ask so often and no more, in IPv6 a whole network', async (t) => {
  const { ask, asks, tokenOf } = await operatorsOf(t, await MemoryCluster.found(t));
  const [one, two] = [await tokenOf('read', 'one'), await tokenOf('read', 'two')];
  asks.address = '2001:db8::1';
  for (let i = 0; i < TOKEN_LIMIT.burst; i++) t.is((await ask(MEMBERS, one)).status, 200);
  t.regex(String((await ask(MEMBERS, one)).body['error']), /too many requests with one token/);
  asks.address = '2001:db8:0:0:ffff::2';
  for (let i = TOKEN_LIMIT.burst + 1; i < ADDRESS_LIMIT.burst; i++) {
    t.is((await ask(MEMBERS, two)).status, 200);
  }
  t.regex(String((await ask('/healthz')).body['error']), /too many requests of one address/);
  asks.address = '2001:db8:0:1::1';
  t.is((await ask('/healthz')).status, 200);
});

test('answers forbid to be embedded, and a body that is too large is refused', async (t) => {
  const { ask, request } = await operatorsOf(t);
  const { headers } = await request('/healthz');
  t.regex(
    headers.get('content-security-policy') ?? '',
    /default-src 'none'.*frame-ancestors 'none'/,
  );
  t.is(headers.get('x-content-type-options'), 'nosniff');
  t.is(headers.get('strict-transport-security'), null);
  const body = 'x'.repeat(OPERATOR_BODY_BYTES_MAX + 1);
  const refused = await ask('/api/v1/rounds', undefined, { method: 'POST', body });
  t.is(refused.status, 413);
});
