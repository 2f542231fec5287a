import { mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { adoptNextKeys, makeNextKey, openNextKeys } from './next-keys.ts';
import { createSiteFolder } from './site-folder.ts';
import { openSiteKeys } from './site-keys.ts';

const passphrase = new TextEncoder().encode('seven birds about me');

async function folder(t: ExecutionContext, secret?: Uint8Array) {
  const home = join(mkdtempSync(join(tmpdir(), 'starling-')), 'north');
  t.teardown(() => rmSync(join(home, '..'), { recursive: true, force: true }));
  const config = {
    version: 1,
    role: 'peer',
    site: 'north',
    listen: ['/ip4/127.0.0.1/tcp/0'],
  } as const;
  await createSiteFolder(home, { ...config, listen: [...config.listen] }, secret);
  return home;
}

const keyFiles = (home: string) =>
  readdirSync(home)
    .filter((name) => name.endsWith('.key'))
    .sort();

test('a new key waits beside the old one for its owner alone, and takes its place whole', async (t) => {
  const home = await folder(t);
  const before = await openSiteKeys(home);
  t.is(await openNextKeys(home, before), undefined);
  const made = await makeNextKey(home, 'identity');
  t.is(made.from, before.identity.member);
  t.is(statSync(made.file).mode & 0o777, 0o600);
  await t.throwsAsync(makeNextKey(home, 'identity'), { code: 'folder-exists' });
  t.is((await openSiteKeys(home)).identity.member, before.identity.member);
  const next = await openNextKeys(home, before);
  t.is(next?.identity.member, made.to as typeof before.identity.member);
  t.is(next?.transportId, before.transportId);
  await adoptNextKeys(home);
  t.deepEqual(keyFiles(home), ['identity.key', 'transport.key']);
  t.is(next?.identity.member, (await openSiteKeys(home)).identity.member);
  await t.notThrowsAsync(adoptNextKeys(home));
});

test('keys of which one was put in place before a crash are completed by the next start', async (t) => {
  const home = await folder(t);
  const before = await openSiteKeys(home);
  await makeNextKey(home, 'identity');
  await makeNextKey(home, 'transport');
  const wanted = await openNextKeys(home, before);
  // The process died between the two renames.
  renameSync(join(home, 'identity.next.key'), join(home, 'identity.key'));
  const half = await openSiteKeys(home);
  t.is(wanted?.identity.member, half.identity.member);
  t.is(half.transportId, before.transportId);
  const rest = await openNextKeys(home, half);
  t.is(rest?.identity.member, wanted?.identity.member);
  t.is(rest?.transportId, wanted?.transportId);
  await adoptNextKeys(home);
  t.is(wanted?.transportId, (await openSiteKeys(home)).transportId);
});

test('the key that follows an encrypted one is encrypted under the same passphrase', async (t) => {
  const home = await folder(t, passphrase);
  await t.throwsAsync(makeNextKey(home, 'transport'), { code: 'locked-key-file' });
  const made = await makeNextKey(home, 'transport', passphrase);
  const present = await openSiteKeys(home, passphrase);
  await t.throwsAsync(openNextKeys(home, present), { code: 'locked-key-file' });
  const next = await openNextKeys(home, present, passphrase);
  t.is(next?.transportId, made.to as typeof present.transportId);
});
