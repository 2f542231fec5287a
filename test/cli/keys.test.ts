// Encrypted keys over several processes: founded, joined and served with passphrases that no
// command line, log or file of the site shows.

import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { temporaryFolder } from '../contracts/temporary-folder.ts';
import { isRunning, type Launched, launch, run, STARLING, until } from '../process/launched.ts';

const PASSPHRASE = 'seven birds about me';
const ANY_PORT = ['--listen', '/ip4/127.0.0.1/tcp/0'];

test('a federation runs on encrypted keys, and its passphrase is nowhere to be read', async (t) => {
  const folder = temporaryFolder(t);
  const [hub, north, file] = ['hub', 'north', 'passphrase'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(file, PASSPHRASE, { mode: 0o600 });
  const secret = ['--passphrase-file', file];
  await done(t, 'init', '--coordinator', 'flock', '--home', hub, ...ANY_PORT, ...secret);
  await done(t, 'init', '--site', 'north', '--home', north, ...ANY_PORT, ...secret);
  const locked = await run(t, 'coordinator', 'start', '--home', hub);
  t.is(locked.code, 3, locked.stderr);
  t.regex(locked.stderr, /identity\.key is encrypted: give its passphrase/);

  const coordinator = await serving(t, ['coordinator', 'start', '--home', hub], {
    STARLING_PASSPHRASE: PASSPHRASE,
  });
  const invitation = join(folder, 'north.invitation');
  await done(t, 'invite', 'north', '--home', hub, '--out', invitation);
  const refused = await run(t, 'join', invitation, '--home', north);
  t.is(refused.code, 3, refused.stderr);
  await done(t, 'join', invitation, '--home', north, ...secret);
  const peer = await serving(t, ['peer', 'start', '--home', north, ...secret]);
  for (const { pid } of [coordinator, peer]) {
    t.false(readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(PASSPHRASE));
  }
  await stopped(t, peer);
  await stopped(t, coordinator);
  for (const home of [hub, north]) t.deepEqual(filesWith(PASSPHRASE, home), []);
});

async function serving(
  t: ExecutionContext,
  line: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Launched> {
  const set = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const launched = launch(t, line, ['env', ...set, process.execPath, STARLING]);
  await until(`${line.join(' ')} serves`, () => {
    if (!isRunning(launched.pid)) throw new Error(`${line.join(' ')} ended`);
    return launched.stdout().includes('Ctrl-C stops it') || undefined;
  });
  return launched;
}

async function stopped(t: ExecutionContext, launched: Launched): Promise<void> {
  launched.kill('SIGTERM');
  t.is((await launched.ended).code, 143);
}

async function done(t: ExecutionContext, ...args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await run(t, ...args);
  t.is(code, 0, `${args.join(' ')}: ${stderr}`);
  t.false(`${stdout}${stderr}`.includes(PASSPHRASE));
}

function filesWith(text: string, folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const path = join(folder, name);
    return statSync(path).isFile() && readFileSync(path, 'latin1').includes(text);
  });
}
