// What the command says without any federation: help, JSON, refusals and their exit codes.

import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { run, words } from './command-line-fixture.ts';

const FOUND = 'init --coordinator flock';
/** What the engine snow is refused for, with the numbers. */
const SNOW: readonly (readonly [string, RegExp])[] = [
  [`${FOUND} --consensus-engine raft`, /Allowed choices are simplex, snow/],
  [`${FOUND} --consensus-engine snow`, /snow needs --members: with how many sites/],
  [`${FOUND} --polls 5,3,4,60`, /--polls belong to the engine snow: add --consensus-engine snow/],
  [`${FOUND} --consensus-engine snow --members 3`, /3 members tolerate no liar: sampling needs 4/],
  [
    `${FOUND} --consensus-engine snow --members 10 --byzantine-share 0.3`,
    /with 3 liars .*per round, the target is 1e-15/,
  ],
  [
    `${FOUND} --consensus-engine snow --members 7 --polls 5,3,4,20`,
    /probability 2\.9e-5 per round, the target is 1e-15/,
  ],
  [
    `${FOUND} --consensus-engine snow --members 5`,
    /share of 0\.19 among 5 members is none of them, so the chain stands still/,
  ],
  [`${FOUND} --consensus-engine snow --members 7 --polls 9,5,6,20`, /k = 9.*at most 6 answer/],
  [`${FOUND} --consensus-engine snow --members 7 --polls 6,3,4,20`, /violate k\/2 < alphaPref/],
  [`${FOUND} --consensus-engine snow --members 7 --polls 6,3`, /four whole numbers such as/],
  [`${FOUND} --consensus-engine snow --members 7 --byzantine-share 0.4`, /below 1\/3/],
  [`${FOUND} --consensus-engine snow --members 7 --safety-target 1e-400`, /from 1e-300 to 1e-1/],
  ['up --consensus-engine snow --sites 3', /3 members tolerate no liar: sampling needs 4/],
];

/** What a log on servers is refused for. */
const LOG: readonly (readonly [string, RegExp])[] = [
  ['init --log nats://n1:4222', /--log goes with --coordinator/],
  [`${FOUND} --log n1:4222`, /servers such as nats:\/\/n1\.example:4222,nats/],
  [`${FOUND} --log nats://n1`, /log\.servers\.0: a server such as nats1\.example:4222/],
  [`${FOUND} --log-replicas 3`, /--log-replicas, --log-ca.* go with --log/],
  [`${FOUND} --log nats://n1:4222 --log-replicas 2`, /must be 1, 3 or 5/],
  [`${FOUND} --log nats://n1:4222 --log-nkey-file a --log-token-file b`, /by one of them/],
];

test.serial('every command has help with an example, and answers in JSON', async (t) => {
  const unseen = [''];
  for (const command of unseen) {
    const { code, stdout } = await run(...words(command), '--help');
    t.is(code, 0, command);
    t.regex(stdout, /\nExample:\n {2}\$ starling /, command);
    const below = namesBelow(stdout);
    if (below.length === 0) t.regex(stdout, /--format <format>/, command);
    unseen.push(...below.map((name) => `${command} ${name}`.trim()));
  }
  t.true(unseen.length > 60, `${unseen.length} commands were found`);
});

/** Names of the commands that a help lists. */
function namesBelow(help: string): string[] {
  const [, listed = ''] = help.split('\nCommands:\n');
  const [lines = ''] = listed.split('\n\n');
  const names = [...lines.matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(([, name]) => name ?? '');
  return names.filter((name) => name !== 'help');
}

test.serial('the help names every exit code', async (t) => {
  const { stdout } = await run('--help');
  for (const code of [0, 1, 2, 3, 4, 5, 6, 130, 143])
    t.regex(stdout, new RegExp(`^ {2}${code} `, 'm'));
});

test.serial(
  'a site is made once, and its config and keys are checked before it starts',
  async (t) => {
    const folder = temporaryFolder(t);
    const home = join(folder, 'north');
    const config = join(home, 'config.json');
    const refused = async (line: string, code: number, says: RegExp) => {
      const ended = await run(...words(line), '--home', home);
      t.is(ended.code, code, `${line}: ${ended.stderr}`);
      t.regex(ended.stderr, says, line);
      t.notRegex(ended.stderr, /\n\s+at /, `${line}: a stack trace`);
    };

    await refused('init --site no/slash', 2, /site: a name of 1 to 63 letters/);
    await refused('init --listen nonsense', 2, /listen\.0: a multiaddr such as/);
    const made = await run('init', '--home', home, '--site', 'north', '--format', 'json');
    t.is(made.code, 0, made.stderr);
    t.like(JSON.parse(made.stdout), { home, role: 'peer' });
    await refused('init', 2, /holds a site already: choose a new folder/);
    await refused('peer start', 3, /has not joined a federation: run "starling join/);
    await refused('peer status', 3, /nothing runs on .*: start it with "starling peer start"/);
    await refused('coordinator start', 2, /is a peer's folder: use "starling peer start"/);
    await refused('ledger balances', 2, /is a peer's folder: the ledger lies with the coordinator/);

    const good = readFileSync(config, 'utf8');
    writeFileSync(config, JSON.stringify({ ...JSON.parse(good), colour: 1, listen: 4 }));
    await refused('peer start', 2, /config\.json: .*listen: .*expected array/);
    await refused('peer start', 2, /colour: no such key/);
    const doctor = await run('doctor', '--home', home, '--format', 'json');
    t.is(doctor.code, 5);
    t.true(JSON.parse(doctor.stdout).some(({ state }: { state: string }) => state === 'failed'));
    writeFileSync(config, '{');
    await refused('peer start', 2, /config\.json is no JSON/);
    writeFileSync(config, good);

    chmodSync(join(home, 'identity.key'), 0o644);
    await refused(
      'peer start',
      3,
      /identity\.key is readable by others \(mode 644\): run "chmod 600/,
    );
    chmodSync(join(home, 'identity.key'), 0o600);
    writeFileSync(join(home, 'transport.key'), 'garbage');
    await refused('peer start', 2, /transport\.key is damaged: restore it from a backup/);
  },
);

test.serial('wrong options and files are refused with what to do', async (t) => {
  const folder = temporaryFolder(t);
  const home = join(folder, 'home');
  const garbage = join(folder, 'garbage');
  const damaged = join(folder, 'damaged');
  writeFileSync(garbage, 'no invitation');
  writeFileSync(damaged, 'starling-invitation-v1:AAAA');
  await run('init', '--home', join(folder, 'site'));
  const cases: readonly [string, number, RegExp][] = [
    [
      `join ${garbage} --home ${folder}/site`,
      2,
      /is no invitation: make one with "starling invite/,
    ],
    [
      `join ${damaged} --home ${folder}/site`,
      3,
      /the invitation does not hold .*: ask for a new one/,
    ],
    [`join ${folder}/absent --home ${folder}/site`, 2, /absent cannot be read/],
    ['demo --rounds abc', 2, /must be a whole number from 1 to 1000/],
    ['demo --sites 2', 2, /must be a whole number from 3 to 20/],
    ['demo --colour red', 2, /unknown option '--colour'[\s\S]*--help/],
    [`demo --json ${folder}/absent/r.json`, 2, /--json .* cannot be written/],
    [`demo --resume --home ${home}`, 2, /holds no run to resume: start one with "starling demo"/],
    [`demo --corpus ${folder}/absent --home ${home}`, 2, /absent cannot be read: no such folder/],
    ['peer search words --k 0', 2, /must be a whole number from 1 to 1000/],
    ['peer search', 2, /missing required argument/],
    ['coordinator rounds many', 2, /must be a whole number/],
    [`ledger verify --home ${home}`, 2, /is no site folder .*: create one with "starling init"/],
    [`index verify ${folder}`, 2, /holds neither a collection nor an index/],
    [`index inspect ${folder}/absent`, 2, /holds neither a collection nor an index/],
    [`index compact --home ${home}`, 2, /is no site folder/],
    [`index repair --home ${folder}/site`, 2, /has no index yet: add documents and start/],
    ['index verify --force', 2, /unknown option '--force'/],
    ['privacy set', 2, /nothing to set: give --epsilon, --delta or --unit/],
    ['privacy set --epsilon 0', 2, /must be a number above 0, or none/],
    ['privacy set --delta 1', 2, /must be a number above 0 and below 1/],
    [`privacy --home ${folder}/site set --epsilon 1`, 2, /unknown option|too many arguments/],
    [`privacy --home ${home}`, 2, /is no site folder/],
    ['patterns show xyz', 2, /must be 4 to 64 hexadecimal digits/],
    [`patterns veto abcd --home ${folder}/site`, 2, /required option '--reason <text>'/],
    [`patterns list --home ${home}`, 2, /is no site folder/],
    [`patterns list --home ${folder}/site`, 3, /nothing runs on .*: start it/],
    [`consensus status --home ${folder}/site`, 3, /nothing runs on .*: start it/],
    ['consensus evidence show abc', 2, /must be 4 to 64 hexadecimal digits/],
    [`consensus verify ${garbage}`, 2, /garbage is no JSON/],
    [`consensus verify ${folder}/absent`, 2, /absent cannot be read/],
    [
      `init --coordinator clinics --share-patterns --home ${home}`,
      2,
      /--share-patterns goes with a site/,
    ],
    ...LOG.map(([line, says]): [string, number, RegExp] => [`${line} --home ${home}`, 2, says]),
    [`init --consensus-engine snow --members 7 --home ${home}`, 2, /go with --coordinator/],
    ...SNOW.map(([line, says]): [string, number, RegExp] => [`${line} --home ${home}`, 2, says]),
    ['frobnicate', 2, /unknown command/],
  ];
  for (const [line, code, says] of cases) {
    const ended = await run(...words(line));
    t.is(ended.code, code, `${line}: ${ended.stderr}`);
    t.regex(ended.stderr, says, line);
    t.notRegex(ended.stderr, /\n\s+at /, `${line}: a stack trace`);
  }
  const json = await run('peer', 'status', '--home', home, '--format', 'json');
  t.is(json.code, 3);
  t.like(JSON.parse(json.stdout), { success: false, code: 'not-running' });
});

test.serial('a federation is founded with the engine that was asked for', async (t) => {
  const folder = temporaryFolder(t);
  const home = join(folder, 'coordinator');
  const asked = '--consensus-engine snow --members 7 --safety-target 1e-12 --byzantine-share 0.15';
  const { code, stderr, stdout } = await run(...words(`${FOUND} ${asked} --home ${home}`));
  t.is(code, 0, stderr);
  t.regex(stdout, /\npolls: k = 5, alphas 3\/4, beta = 60; two sites differ with at most 1e-12 /);
  t.deepEqual(JSON.parse(readFileSync(join(home, 'config.json'), 'utf8')).chainEngine, {
    kind: 'snow',
    byzantineMicros: 150_000,
    parameters: { alphaConfidence: 4, alphaPreference: 3, beta: 60, k: 5 },
    targetExponent: 12,
  });
});

test.serial('a demo never touches a folder that holds something else', async (t) => {
  const folder = temporaryFolder(t);
  const corpus = join(folder, 'corpus');
  mkdirSync(corpus);
  writeFileSync(
    join(corpus, 'notes.md'),
    Array.from({ length: 400 }, (_, i) => `## Heading ${i}\n\nParagraph ${i} of the notes.\n`).join(
      '\n',
    ),
  );
  const { code, stderr } = await run('demo', '--corpus', corpus, '--home', corpus, '--sites', '3');
  t.is(code, 2, stderr);
  t.true(readFileSync(join(corpus, 'notes.md')).byteLength > 0);
});

function temporaryFolder(t: ExecutionContext): string {
  const path = mkdtempSync(join(tmpdir(), 'starling-'));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
