// Tokens of the operator API as a person makes and takes them.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { run, words } from '../command-line-fixture.ts';

test.serial('a token is shown once, listed by name and end, and revoked', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'starling-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const home = join(folder, 'coordinator');
  const on = (line: string) => run(...words(line), '--home', home);
  t.is((await on('init --coordinator ponds --http 127.0.0.1:0')).code, 0);
  const made = await on('token create --role read --name grafana --expires 90d');
  t.regex(made.stdout, /^starling_[\w-]{43}\n$/);
  const listed = await on('token list --format json');
  const [token] = JSON.parse(listed.stdout);
  t.like(token, { name: 'grafana', role: 'read', expired: false });
  t.is(token.expiresAtMs - token.createdAtMs, 90 * 86_400_000);
  t.false(listed.stdout.includes('digest'));
  const again = await on('token create --role admin --name grafana');
  t.is(again.code, 2);
  t.regex(again.stderr, /a token "grafana" exists: revoke it first/);
  t.is((await on('token create --role owner --name x')).code, 2);
  t.is((await on('token create --role read --name x --expires soon')).code, 2);
  t.is((await on('token revoke grafana')).code, 0);
  t.regex((await on('token revoke grafana')).stderr, /no token "grafana": "starling token list"/);
  t.is((await run(...words('token list --home'), folder)).code, 2);
});

test.serial('options of the operator API go together, and with a coordinator', async (t) => {
  const home = join(mkdtempSync(join(tmpdir(), 'starling-')), 'home');
  const refused = async (line: string, why: RegExp) => {
    const { code, stderr } = await run(...words(line), '--home', home);
    t.is(code, 2, line);
    t.regex(stderr, why);
  };
  await refused('init --http 127.0.0.1:1', /--http goes with --coordinator/);
  await refused('init --coordinator a --http-insecure', /go with --http/);
  await refused('init --coordinator a --http x:1 --http-cert c.pem', /go together/);
  await refused('init --coordinator a --http nowhere', /a host and a port such as/);
  await refused('init --coordinator a --http x:99999', /a host and a port such as/);
});
