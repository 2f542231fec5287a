// Rosters and new keys as a person meets them without anything running: founded with others,
// signed from hand to hand, refused.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { run } from '../command-line-fixture.ts';

interface Place {
  readonly hub: string;
  readonly request: string;
  /** Folder of a person's keys. */
  readonly home: (name: string) => string;
  /** Their public record. */
  readonly record: (name: string) => string;
}

async function place(t: ExecutionContext, ...people: readonly string[]): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'starling-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const home = (name: string) => join(folder, name);
  const record = (name: string) => join(folder, `${name}.public`);
  for (const name of people) {
    await json(t, 'init', '--site', name, '--home', home(name));
    const { stdout } = await run('keys', 'export', '--public', '--home', home(name));
    writeFileSync(record(name), stdout);
  }
  return { hub: home('hub'), request: join(folder, 'request'), home, record };
}

async function json(
  t: ExecutionContext,
  ...args: readonly string[]
): Promise<Record<string, unknown>> {
  const { code, stderr, stdout } = await run(...args, '--format', 'json');
  t.is(code, 0, `${args.join(' ')}: ${stderr}${stdout}`);
  return JSON.parse(stdout) as Record<string, unknown>;
}

async function refused(
  t: ExecutionContext,
  code: number,
  says: RegExp,
  ...args: readonly string[]
): Promise<void> {
  const ended = await run(...args);
  t.is(ended.code, code, `${args.join(' ')}: ${ended.stderr}${ended.stdout}`);
  t.regex(ended.stderr, says);
  t.notRegex(ended.stderr, /\n\s+at /, args.join(' '));
}

test.serial('a federation is founded with administrators that exist and can agree', async (t) => {
  const { home, hub, record } = await place(t, 'alice', 'bob');
  const found = ['init', '--coordinator', 'flock', '--home', hub];
  const named = [...found, '--administrators', record('alice'), record('bob')];
  await refused(t, 2, /say by --threshold how many/, ...named);
  await refused(t, 2, /--threshold is 4: there are 3 administrators/, ...named, '--threshold', '4');
  await refused(t, 2, /named twice/, ...named, record('bob'), '--threshold', '2');
  const strange = [...found, '--administrators', join(home('alice'), 'config.json')];
  await refused(t, 2, /is no public record of a key/, ...strange, '--threshold', '2');
  await refused(t, 2, /go with --coordinator/, 'init', '--home', home('x'), '--threshold', '2');
  writeFileSync(
    record('bob'),
    readFileSync(record('bob'), 'utf8').replace(/"publicKey": "./, '"publicKey": "_'),
  );
  await refused(t, 2, /does not give its member id/, ...named, '--threshold', '2');
});

test.serial(
  'the first roster is signed from hand to hand, and nothing else passes for it',
  async (t) => {
    const { home, hub, record, request } = await place(t, 'alice', 'bob', 'mallory');
    const named = ['--administrators', record('alice'), record('bob'), '--threshold', '3'];
    await json(
      t,
      'init',
      '--coordinator',
      'flock',
      '--home',
      hub,
      ...named,
      '--roster-hours',
      '48',
    );
    t.like(await json(t, 'roster', 'show', '--home', hub), { roster: null, threshold: 3 });
    await refused(t, 3, /nothing runs on/, 'roster', 'revoke', 'x', '--reason', 'y', '--home', hub);
    t.like(await json(t, 'roster', 'show', '--request', request, '--home', hub), { seq: 1 });
    await refused(t, 2, /cannot be written/, 'roster', 'show', '--request', request, '--home', hub);
    const admit = (name: string) => ['roster', 'admit', request, '--home', home(name)];
    await refused(t, 3, /is no administrator of "flock"/, ...admit('mallory'));
    t.like(await json(t, ...admit('alice')), { seq: 1, signed: 2, threshold: 3 });
    t.like(await json(t, ...admit('alice')), { signed: 2 });
    const { code, stdout } = await run(...admit('bob'));
    t.is(code, 0);
    t.regex(stdout, /^signed roster 1 of "flock"/);
    t.regex(stdout, /admitted coordinator \([0-9a-f]{16}\): peer id 12D3KooW/);
    t.regex(stdout, /3 of 3 have signed; next: starling roster admit/);
    const text = readFileSync(request, 'utf8');
    const middle = text.length >> 1;
    const other = text[middle] === 'A' ? 'B' : 'A';
    writeFileSync(request, `${text.slice(0, middle)}${other}${text.slice(middle + 1)}`);
    await refused(t, 3, /the request does not hold/, ...admit('alice'));
    writeFileSync(request, 'something else');
    await refused(t, 2, /is no proposed roster/, ...admit('alice'));
    await refused(
      t,
      2,
      /cannot be read/,
      'roster',
      'admit',
      home('nothing'),
      '--home',
      home('bob'),
    );
    const site = ['roster', 'show', '--request', home('y'), '--home', home('alice')];
    await refused(t, 2, /is a peer's folder/, ...site);
    await refused(t, 3, /has not joined a federation/, 'roster', 'list', '--home', home('alice'));
  },
);

test.serial('of two rosters with one number an administrator signs one', async (t) => {
  const { home, hub, record, request } = await place(t, 'alice');
  const named = ['--administrators', record('alice'), '--threshold', '2'];
  await json(t, 'init', '--coordinator', 'flock', '--home', hub, ...named);
  await json(t, 'roster', 'show', '--request', request, '--home', hub);
  const admit = ['roster', 'admit', request, '--home', home('alice')];
  await json(t, ...admit);
  const path = join(home('alice'), 'signed-rosters.json');
  const signed = readFileSync(path, 'utf8');
  writeFileSync(path, signed.replace(/"digest": "[0-9a-f]{64}"/, `"digest": "${'ab'.repeat(32)}"`));
  await refused(t, 3, /signed another roster 1: only if it was withdrawn/, ...admit);
  t.like(await json(t, ...admit, '--replace'), { seq: 1 });
  t.is(readFileSync(path, 'utf8'), signed);
  writeFileSync(path, signed.replace('"seq": 1', '"seq": 9'));
  await refused(t, 3, /you have signed roster 9 already/, ...admit, '--replace');
  writeFileSync(path, '{');
  await refused(t, 2, /is damaged/, ...admit);
});

test.serial('a new key waits beside the old one, and the keys of a coordinator stay', async (t) => {
  const { home, hub } = await place(t, 'north');
  await json(t, 'init', '--coordinator', 'flock', '--home', hub);
  await refused(t, 2, /the genesis and every site name its keys/, 'keys', 'rotate', '--home', hub);
  const rotate = ['keys', 'rotate', '--home', home('north')];
  const before = await json(t, 'keys', 'show', '--home', home('north'));
  t.like(await json(t, ...rotate), { key: 'identity', from: before['member'] });
  await refused(t, 2, /identity\.next\.key waits already/, ...rotate);
  t.like(await json(t, ...rotate, '--transport'), { key: 'transport' });
  await refused(t, 2, /transport\.next\.key waits already/, ...rotate, '--transport');
  t.deepEqual(await json(t, 'keys', 'show', '--home', home('north')), before);
});
