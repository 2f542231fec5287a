// The path over several machines, on one: a coordinator and three sites by the separate commands.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { temporaryFolder } from '../contracts/temporary-folder.ts';
import { isRunning, type Launched, launch, run, until } from '../process/launched.ts';
import { writeSmallCorpus } from '../process/small-corpus.ts';
import { paysAndVerifies } from './ledger-steps.ts';

const SITES = ['north', 'east', 'south'] as const;
const ANY_PORT = ['--listen', '/ip4/127.0.0.1/tcp/0'];

test('three sites join a coordinator, learn one round together and account for it', async (t) => {
  const folder = temporaryFolder(t);
  writeSmallCorpus(join(folder, 'corpus'), SITES, 60);
  const home = (name: string) => join(folder, name);
  const hub = ['--home', home('hub')];

  await json(t, 'init', '--coordinator', 'flock', ...hub, ...ANY_PORT);
  const coordinator = await serving(t, 'coordinator', home('hub'));
  for (const site of SITES) {
    const file = join(folder, `${site}.invitation`);
    await json(t, 'invite', site, '--out', file, ...hub);
    await json(t, 'init', '--site', site, '--home', home(site), ...ANY_PORT);
    t.like(await json(t, 'join', file, '--home', home(site)), { name: 'flock' });
  }
  const again = await run(t, 'join', join(folder, 'north.invitation'), '--home', home('east'));
  t.is(again.code, 3, again.stderr);
  t.notRegex(again.stderr, /\n\s+at /);
  const corpus = join(folder, 'corpus');
  t.deepEqual(await json(t, 'peer', 'add', join(corpus, 'north'), '--home', home('north')), {
    added: 60,
    read: 60,
  });

  const peers: Launched[] = [];
  for (const site of SITES) peers.push(await serving(t, 'peer', home(site)));
  await refusals(t, home);
  for (const site of ['east', 'south']) {
    await json(t, 'peer', 'add', join(corpus, site), '--home', home(site));
  }
  const repeated = await json(t, 'peer', 'add', join(corpus, 'east'), '--home', home('east'));
  t.deepEqual(repeated, { added: 0, read: 60 });

  t.deepEqual(await json(t, 'coordinator', 'rounds', '1', '--peers', '3', ...hub), { planned: 1 });
  await until('the round is done', async () => {
    const { roundsDone } = await json(t, 'coordinator', 'status', ...hub);
    return roundsDone === 1 || undefined;
  });
  await until('the site has the version', async () => {
    const { model } = await json(t, 'peer', 'status', '--home', home('north'));
    return (model as { version: number }).version === 1 || undefined;
  });
  const { connected, registered, configured } = await json(
    t,
    ...['peer', 'status', '--home', home('north')],
  );
  t.deepEqual(
    { connected, registered, configured },
    {
      connected: true,
      registered: true,
      configured: true,
    },
  );
  await limitsPrivacy(t, home('north'));
  const text = await run(t, 'peer', 'status', '--home', home('north'));
  for (const state of ['connected', 'registered', 'configured', 'training']) {
    t.regex(text.stdout, new RegExp(`^${state} +`, 'm'));
  }
  const hits = await run(
    t,
    'peer',
    'search',
    'harbour',
    'at',
    'dawn',
    '--k',
    '3',
    '--home',
    home('north'),
  );
  t.is(hits.code, 0, hits.stderr);
  t.regex(hits.stdout, /^3\. /m);
  t.true('evaluations' in (await json(t, 'peer', 'stats', '--home', home('north'))));

  const lines = (await json(t, 'ledger', 'balances', ...hub)) as unknown as { balance: string }[];
  t.is(
    lines.reduce((sum, { balance }) => sum + BigInt(balance), 0n),
    0n,
  );
  await paysAndVerifies(t, folder, json);
  for (const process of peers) await stopped(t, process, 'SIGTERM', 143);
  await stopped(t, coordinator, 'SIGINT', 130);
  const verified = await json(t, 'ledger', 'verify', ...hub);
  t.deepEqual(verified['problems'], []);
});

/** What a running site and a running coordinator refuse, and what a stopped coordinator means. */
async function refusals(t: ExecutionContext, home: (name: string) => string): Promise<void> {
  const cases: readonly [string, RegExp][] = [
    [`peer start --home ${home('north')}`, /peer\.sqlite is in use by another process: stop that/],
    [`coordinator start --home ${home('hub')}`, /events\.sqlite is in use by another process/],
    [`invite no/slash --home ${home('hub')}`, /site/],
  ];
  for (const [line, says] of cases) {
    const ended = await run(t, ...line.split(' '));
    t.is(ended.code, 3, `${line}: ${ended.stderr}`);
    t.regex(ended.stderr, says);
    t.notRegex(ended.stderr, /\n\s+at /, line);
  }
  const wrong = await run(t, 'coordinator', 'status', '--home', home('north'));
  t.is(wrong.code, 2);
  t.regex(wrong.stderr, /a peer runs on .*: this question is for a coordinator's folder/);
}

/** A running site takes a limit at once, and has it after a restart. */
async function limitsPrivacy(t: ExecutionContext, home: string): Promise<void> {
  await json(t, 'privacy', 'set', '--epsilon', '8', '--delta', '1e-6', '--home', home);
  const { limit } = await json(t, 'privacy', '--home', home);
  t.deepEqual(limit, { delta: 1e-6, epsilonMax: 8, unit: 'example' });
  t.deepEqual(JSON.parse(readFileSync(join(home, 'config.json'), 'utf8')).privacy, limit);
}

async function serving(
  t: ExecutionContext,
  role: 'coordinator' | 'peer',
  home: string,
): Promise<Launched> {
  const launched = launch(t, [role, 'start', '--home', home]);
  await until(`the ${role} serves ${home}`, () => {
    if (!isRunning(launched.pid)) throw new Error(`the ${role} of ${home} ended`);
    return launched.stdout().includes('Ctrl-C stops it') || undefined;
  });
  return launched;
}

async function stopped(
  t: ExecutionContext,
  launched: Launched,
  signal: NodeJS.Signals,
  code: number,
): Promise<void> {
  launched.kill(signal);
  t.is((await launched.ended).code, code);
}

/** The answer of a command in JSON. */
async function json(
  t: ExecutionContext,
  ...args: readonly string[]
): Promise<Record<string, unknown>> {
  const { code, stderr, stdout } = await run(t, ...args, '--format', 'json');
  t.is(code, 0, `${args.join(' ')}: ${stderr}${stdout}`);
  return JSON.parse(stdout) as Record<string, unknown>;
}
