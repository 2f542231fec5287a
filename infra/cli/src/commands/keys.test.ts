// A site's keys as a person meets them: shown, encrypted, backed up, brought back, refused.

import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type Ended, run, words } from '../command-line-fixture.ts';

const PASSPHRASE = 'seven birds about me';
const OTHER = 'eight birds about me';

interface Place {
  readonly folder: string;
  readonly home: string;
  /** A file with the passphrase of the keys, with another one, with one too short. */
  readonly right: string;
  readonly wrong: string;
  readonly short: string;
  readonly identity: string;
  readonly transport: string;
}

function place(t: ExecutionContext): Place {
  const folder = mkdtempSync(join(tmpdir(), 'starling-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const [home, right] = [join(folder, 'north'), join(folder, 'right')];
  const [wrong, short] = [join(folder, 'wrong'), join(folder, 'short')];
  writeFileSync(right, `${PASSPHRASE}\n`);
  writeFileSync(wrong, OTHER);
  writeFileSync(short, 'seven\r\n');
  const [identity, transport] = [join(home, 'identity.key'), join(home, 'transport.key')];
  return { folder, home, right, wrong, short, identity, transport };
}

function done(t: ExecutionContext, { code, stdout, stderr }: Ended): string {
  t.is(code, 0, stderr);
  return stdout;
}

function sha3(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha3-256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

async function refused(
  t: ExecutionContext,
  line: string,
  code: number,
  says: RegExp,
): Promise<void> {
  const ended = await run(...words(line));
  t.is(ended.code, code, `${line}: ${ended.stderr}`);
  t.regex(ended.stderr, says, line);
  t.notRegex(ended.stderr, /\n\s+at /, `${line}: a stack trace`);
  t.false(ended.stderr.includes(PASSPHRASE), `${line}: shows the passphrase`);
}

test.serial(
  'keys in the clear are shown with their fingerprint, and never their secret',
  async (t) => {
    const { home, identity, transport } = place(t);
    done(t, await run('init', '--home', home, '--site', 'north'));
    const shown = JSON.parse(
      done(t, await run('keys', 'show', '--home', home, '--format', 'json')),
    );
    const record = JSON.parse(done(t, await run('keys', 'export', '--public', '--home', home)));
    const publicKey = Buffer.from(record.publicKey, 'base64url');
    t.like(shown, { suite: 'ml-dsa-65', encrypted: false, transport: { encrypted: false } });
    t.is(shown.member, sha3('starling/member/v1', publicKey));
    t.is(shown.fingerprint, sha3(publicKey));
    t.is(shown.createdAt, shown.transport.createdAt);
    t.deepEqual(
      { ...record, publicKey: '' },
      {
        version: 1,
        role: 'peer',
        name: 'north',
        member: shown.member,
        suite: 'ml-dsa-65',
        publicKey: '',
        fingerprint: shown.fingerprint,
        transportId: shown.transport.id,
      },
    );
    const text = done(t, await run('keys', 'show', '--home', home));
    t.true(text.includes(shown.member) && text.includes(shown.fingerprint));
    for (const path of [identity, transport]) {
      t.is(statSync(path).mode & 0o777, 0o600);
      const { secret } = JSON.parse(readFileSync(path, 'utf8'));
      t.false([text, JSON.stringify(shown), JSON.stringify(record)].join().includes(secret));
    }
  },
);

test.serial(
  'encrypted keys open with their passphrase only, from a file or the environment',
  async (t) => {
    const { home, right, wrong, short, identity, transport, folder } = place(t);
    await refused(
      t,
      `init --home ${home} --passphrase-file ${short}`,
      2,
      /has 5 bytes: choose one/,
    );
    await refused(t, `init --home ${home} --passphrase-file ${folder}/absent`, 2, /cannot be read/);
    done(t, await run('init', '--home', home, '--passphrase-file', right));
    for (const path of [identity, transport]) {
      t.is(statSync(path).mode & 0o777, 0o600);
      t.like(JSON.parse(readFileSync(path, 'utf8')), {
        version: 1,
        locked: { kdf: 'scrypt', N: 131072 },
      });
    }
    const locked = JSON.parse(
      done(t, await run('keys', 'show', '--home', home, '--format', 'json')),
    );
    t.like(locked, { encrypted: true, fingerprint: null, transport: { encrypted: true } });
    const show = ['keys', 'show', '--home', home, '--format', 'json'];
    const opened = JSON.parse(done(t, await run(...show, '--passphrase-file', right)));
    t.is(opened.member, locked.member);
    t.regex(opened.fingerprint, /^[0-9a-f]{64}$/);
    process.env['STARLING_PASSPHRASE'] = PASSPHRASE;
    t.teardown(() => delete process.env['STARLING_PASSPHRASE']);
    t.deepEqual(JSON.parse(done(t, await run(...show))), opened);
    delete process.env['STARLING_PASSPHRASE'];

    await refused(
      t,
      `peer start --home ${home}`,
      3,
      /identity\.key is encrypted: give its passphrase/,
    );
    await refused(t, `keys export --public --home ${home}`, 3, /is encrypted: give its passphrase/);
    const file = `--home ${home} --passphrase-file ${wrong}`;
    await refused(t, `peer start ${file}`, 3, /the passphrase does not open .*identity\.key/);
    const doctor = JSON.parse((await run('doctor', '--home', home, '--format', 'json')).stdout);
    const site = doctor.find(({ name }: { name: string }) => name === 'site');
    t.like(site, {
      state: 'ok',
      found: "a site's config; its keys are encrypted and were not opened",
    });
  },
);

test.serial(
  'key files that others read, that were changed or ask too much are refused',
  async (t) => {
    const { home, right, identity, transport } = place(t);
    done(t, await run('init', '--home', home, '--passphrase-file', right));
    const text = readFileSync(identity, 'utf8');
    const content = JSON.parse(text);
    const show = `keys show --home ${home} --passphrase-file ${right}`;
    const written = (change: object) =>
      writeFileSync(identity, JSON.stringify({ ...content, ...change }));

    chmodSync(identity, 0o640);
    await refused(t, show, 3, /identity\.key is readable by others \(mode 640\): run "chmod 600/);
    chmodSync(identity, 0o600);
    written({ createdAt: '2020-01-01T00:00:00.000Z' });
    await refused(t, show, 3, /identity\.key was changed after it was written: restore it/);
    written({ locked: { ...content.locked, N: 2 ** 30 } });
    await refused(t, show, 3, /is refused \(scrypt N=1073741824, .* more than 256 MiB/);
    written({ version: 2 });
    await refused(t, show, 2, /was written by another version of starling/);
    writeFileSync(identity, text.slice(0, 100));
    await refused(t, show, 2, /identity\.key is damaged: restore it from a backup/);
    done(t, await run('init', '--home', `${home}-clear`));
    copyFileSync(join(`${home}-clear`, 'identity.key'), identity);
    const mixed = JSON.parse(done(t, await run(...words(`${show} --format json`))));
    t.like(mixed, { encrypted: false, transport: { encrypted: true } });
    unlinkSync(transport);
    await refused(t, show, 2, /transport\.key is missing: restore it from a backup/);
    await refused(t, `keys show --home ${home}/absent`, 2, /is missing|is no site folder/);
  },
);

test.serial(
  'a backup is encrypted, new, for its owner alone, and brings lost keys back',
  async (t) => {
    const { folder, home, right, wrong, identity, transport } = place(t);
    done(t, await run('init', '--home', home));
    const before = JSON.parse(
      done(t, await run('keys', 'show', '--home', home, '--format', 'json')),
    );
    const backup = join(folder, 'north.backup');
    await refused(t, `keys export --home ${home} --out ${backup}`, 2, /is always encrypted: give/);
    await refused(
      t,
      `keys export --home ${home}`,
      2,
      /name a new file with --out, or ask for --public/,
    );
    await refused(t, `keys export --public --out ${backup} --home ${home}`, 2, /--public prints/);
    const line = `keys export --home ${home} --out ${backup} --backup-passphrase-file ${right}`;
    done(t, await run(...words(line)));
    t.is(statSync(backup).mode & 0o777, 0o600);
    const saved = readFileSync(backup, 'utf8');
    for (const path of [identity, transport]) {
      t.false(saved.includes(JSON.parse(readFileSync(path, 'utf8')).secret));
    }
    await refused(t, line, 2, /north\.backup cannot be written .*: name a new file/);
    t.is(readFileSync(backup, 'utf8'), saved);

    const restore = `keys restore ${backup} --home ${home}`;
    await refused(t, restore, 2, /identity\.key is there already: move it away/);
    unlinkSync(identity);
    await refused(t, restore, 2, /transport\.key is there already: move it away/);
    unlinkSync(transport);
    await refused(t, `keys restore ${wrong} --home ${home}`, 2, /is no backup of keys/);
    done(t, await run(...words(restore)));
    const show = `keys show --home ${home} --format json`;
    const after = JSON.parse(done(t, await run(...words(`${show} --passphrase-file ${right}`))));
    t.deepEqual(after, {
      ...before,
      encrypted: true,
      transport: { ...before.transport, encrypted: true },
    });
    await refused(t, `keys show --home ${home} --passphrase-file ${wrong}`, 3, /does not open/);
  },
);
