// What the ledger's commands say to wrong input, without any federation.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { run, words } from '../../command-line-fixture.ts';
import { nameOf } from './books.ts';

const folder = mkdtempSync(join(tmpdir(), 'starling-ledger-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

test.serial('wrong input of the ledger ends with 2 and says what is right', async (t) => {
  const id = 'a'.repeat(64);
  const garbage = join(folder, 'garbage');
  writeFileSync(garbage, 'garbage\n');
  const site = join(folder, 'site');
  t.is((await run(...words(`init --site north --home ${site}`))).code, 0);
  const cases: readonly (readonly [string, RegExp])[] = [
    ['ledger transfer south', /missing required argument 'amount'/],
    ['ledger transfer south 0', /must be a whole number from 1 to/],
    ['ledger transfer south 1.5', /must be a whole number from 1 to/],
    ['ledger transfer south -- -3', /must be a whole number from 1 to/],
    ['ledger stake many', /must be a whole number from 1 to/],
    ['ledger transfer south 1 --hours 25', /must be a whole number from 1 to 24/],
    ['ledger transfer south 1 --wait 500', /must be a whole number from 0 to 120/],
    [`ledger transfer south 1 --home ${folder}/absent`, /is no site folder/],
    [`ledger verify ${garbage}`, /which federation must .*garbage be of\? Give --genesis/],
    [`ledger verify ${garbage} --genesis ${id}`, /garbage is no evidence of a ledger: make one/],
    [`ledger verify ${garbage} --genesis ${garbage}`, /garbage is no invitation/],
    [`ledger verify ${folder}/absent --genesis ${id}`, /absent cannot be read/],
    [`ledger verify --genesis ${id}`, /--genesis is for a file/],
    ['ledger export', /required option '--out <file>'/],
    [`ledger export --out ${folder}/x.txt`, /ends in none of \.json, \.csv and \.cbor/],
    [`ledger export --out ${folder}/x.csv --home ${site}`, /peer's folder: the ledger lies with/],
    [`ledger rules propose ${garbage}`, /garbage holds no rules \(it is no JSON\): begin with/],
    [`ledger rules propose ${folder}/absent`, /absent cannot be read/],
    [`ledger rules sign ${garbage}`, /garbage is no proposed rule set/],
  ];
  for (const [line, says] of cases) {
    const { code, stderr } = await run(...words(line));
    t.is(code, 2, `${line}: ${stderr}`);
    t.regex(stderr, says, line);
  }
  for (const line of ['transfer south 1', 'stake 1', 'unstake 1', 'account']) {
    const { code, stderr } = await run(...words(`ledger ${line} --home ${site}`));
    t.is(code, 3, line);
    t.regex(stderr, /nothing runs on .*: start it/, line);
  }
});

test('accounts are called by the site, and what is not its free balance by its kind', (t) => {
  t.is(nameOf('member:ab', 'north'), 'north');
  t.is(nameOf('stake:ab', 'north'), 'north (stake)');
  t.is(nameOf('treasury', null), 'treasury');
});
