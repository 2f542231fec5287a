// Membership by several hands: three administrators of whom two must sign, each on a folder of its
// own, a revocation, and new keys for a site that runs.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createSiteFolder,
  publicKeyRecord,
  readRosterOf,
  readRosterRequest,
  signRosterRequest,
  submitRosterRequest,
} from '@starling/runtime';
import test, { type ExecutionContext } from 'ava';
import { temporaryFolder } from '../contracts/temporary-folder.ts';
import { isRunning, type Launched, launch, run, until } from '../process/launched.ts';

const ANY_PORT = ['--listen', '/ip4/127.0.0.1/tcp/0'];

interface Roster {
  readonly members: readonly {
    readonly site: string;
    readonly member: string;
    readonly formerly: string | null;
    readonly transportId: string;
    readonly sinceMs: number;
  }[];
  readonly revoked: readonly { readonly site: string; readonly reason: string }[];
  readonly proposal: { readonly seq: number; readonly signers: readonly string[] } | null;
}

test('two of three administrators admit a site and take it out, each from a folder of its own', async (t) => {
  const folder = temporaryFolder(t);
  const home = (name: string) => join(folder, name);
  const hub = ['--home', home('hub')];
  const records: string[] = [];
  for (const site of ['alice', 'bob']) {
    const listen = ['/ip4/127.0.0.1/tcp/0'];
    await createSiteFolder(home(site), { version: 1, role: 'peer', site, listen });
    const file = join(folder, `${site}.public`);
    writeFileSync(file, JSON.stringify(await publicKeyRecord(home(site))));
    records.push(file);
  }
  const named = ['--administrators', ...records, '--threshold', '2'];
  await json(t, 'init', '--coordinator', 'flock', ...hub, ...ANY_PORT, ...named);
  const coordinator = await serving(t, 'coordinator', home('hub'));
  /** Has the proposal signed by one more, and hands it in. */
  const signed = async (by: string) => {
    const { request } = await signRosterRequest(home(by), await readRosterRequest(home('hub')));
    return submitRosterRequest(home('hub'), request);
  };
  const byHand = async (by: string) => {
    const file = join(folder, 'request');
    await json(t, 'roster', 'show', '--request', file, ...hub);
    await json(t, 'roster', 'admit', file, '--home', home(by));
    return json(t, 'roster', 'admit', file, ...hub);
  };
  const invitation = join(folder, 'north.invitation');
  await json(t, 'init', '--site', 'north', '--home', home('north'), ...ANY_PORT);
  await json(t, 'invite', 'north', '--out', invitation, ...hub);
  const asking = ['join', invitation, '--home', home('north')];
  await refused(t, 3, /first roster is not signed/, ...asking);
  t.deepEqual(await signed('alice'), { kind: 'in-force', seq: 1 });
  await refused(t, 3, /1 of 2 administrators have signed/, ...asking);
  t.deepEqual(await byHand('bob'), { kind: 'in-force', seq: 2 });
  t.like(await json(t, ...asking), { name: 'flock' });

  const revoke = ['roster', 'revoke', 'north', '--reason', 'sold to another group', ...hub];
  t.like(await json(t, ...revoke), { kind: 'pending', signed: 1, threshold: 2 });
  t.deepEqual(await signed('bob'), { kind: 'in-force', seq: 3 });
  await refused(t, 3, /no member of the name/, ...revoke);
  const list = (await json(t, 'roster', 'list', ...hub)) as unknown as Roster;
  t.like(list.revoked, [{ site: 'north', reason: 'sold to another group' }]);
  t.deepEqual(
    list.members.map(({ site }) => site),
    ['coordinator'],
  );
  const peer = await serving(t, 'peer', home('north'));
  t.like(await json(t, 'peer', 'status', '--home', home('north')), { connected: false });
  await stopped(t, peer);
  await stopped(t, coordinator);
  t.deepEqual((await json(t, 'ledger', 'verify', ...hub))['problems'], []);
  t.like(await readRosterOf(home('hub')), { threshold: 2, roster: { seq: 3, epoch: 3 } });
});

test('a site that runs takes new keys, and keeps them when it starts again', async (t) => {
  const folder = temporaryFolder(t);
  const home = (name: string) => join(folder, name);
  const hub = ['--home', home('hub')];
  const north = ['--home', home('north')];
  await json(t, 'init', '--coordinator', 'flock', ...hub, ...ANY_PORT);
  const coordinator = await serving(t, 'coordinator', home('hub'));
  const invitation = join(folder, 'north.invitation');
  await json(t, 'invite', 'north', '--out', invitation, ...hub);
  await json(t, 'init', '--site', 'north', ...north, ...ANY_PORT);
  await json(t, 'join', invitation, ...north);
  const entry = async () => {
    const { roster } = await readRosterOf(home('hub'));
    const found = roster?.members.find(({ site }) => site === 'north');
    if (found === undefined) throw new Error('north is no member');
    return found;
  };
  const before = await entry();
  const made = await json(t, 'keys', 'rotate', ...north);
  t.like(made, { from: before.member });
  await json(t, 'keys', 'rotate', '--transport', ...north);

  const peer = await serving(t, 'peer', home('north'));
  await until('the new keys are in the roster', async () => {
    return (await entry()).member === made['to'] || undefined;
  });
  const after = await entry();
  t.like(after, { formerly: before.member, sinceMs: before.sinceMs });
  t.not(after.transportId, before.transportId);
  const restarted = await until('the site runs under them', async () => {
    const asked = await run(t, 'peer', 'status', ...north, '--format', 'json');
    if (asked.code !== 0) return undefined;
    const status = JSON.parse(asked.stdout) as { member: string; connected: boolean };
    return status.connected && status.member === made['to'] ? status : undefined;
  });
  t.is(restarted.member, after.member);
  await stopped(t, peer);
  t.like(await json(t, 'keys', 'show', ...north), { member: after.member });
  const again = await serving(t, 'peer', home('north'));
  t.like(await json(t, 'roster', 'show', ...north), { roster: { members: { length: 2 } } });
  await stopped(t, again);
  await stopped(t, coordinator);
  t.deepEqual((await json(t, 'ledger', 'verify', ...hub))['problems'], []);
});

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

async function stopped(t: ExecutionContext, launched: Launched): Promise<void> {
  launched.kill('SIGTERM');
  t.is((await launched.ended).code, 143);
}

async function refused(
  t: ExecutionContext,
  code: number,
  says: RegExp,
  ...args: readonly string[]
): Promise<void> {
  const ended = await run(t, ...args);
  t.is(ended.code, code, `${args.join(' ')}: ${ended.stderr}${ended.stdout}`);
  t.regex(ended.stderr, says);
  t.notRegex(ended.stderr, /\n\s+at /, args.join(' '));
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
