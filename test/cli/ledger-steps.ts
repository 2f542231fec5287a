// What people do with the ledger of a federation that runs: pay, change the rules, take the books
// away and check them alone.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { run } from '../process/launched.ts';

type Json = (t: ExecutionContext, ...args: string[]) => Promise<Record<string, unknown>>;

/** Sites `north` and `east` must have earned something; `north` was invited by a file. */
export async function paysAndVerifies(
  t: ExecutionContext,
  folder: string,
  json: Json,
): Promise<void> {
  const hub = ['--home', join(folder, 'hub')];
  const north = ['--home', join(folder, 'north')];
  t.is((await run(t, 'ledger', 'history', ...hub)).code, 0);
  const paid = await json(t, 'ledger', 'transfer', 'east', '3', '--memo', 'eggs', ...north);
  t.like(paid, { kind: 'transfer', amount: 3, sequence: 1, state: 'recorded' });
  await refused(t, 3, /overdrawn: 999999/, 'ledger', 'transfer', 'east', '999999', ...north);
  await refused(
    t,
    3,
    /no site of the name or id "west"/,
    'ledger',
    'transfer',
    'west',
    '1',
    ...north,
  );
  t.like(await json(t, 'ledger', 'account', ...north), {
    site: 'north',
    account: { sequence: 1 },
    order: { state: 'refused', reason: 'overdrawn' },
  });
  await changesRules(t, folder, json);

  const file = join(folder, 'ledger.cbor');
  await json(t, 'ledger', 'export', '--out', file, ...hub);
  await refused(t, 2, /EEXIST/, 'ledger', 'export', '--out', file, ...hub);
  const genesis = ['--genesis', join(folder, 'north.invitation')];
  const verified = await json(t, 'ledger', 'verify', file, ...genesis);
  t.deepEqual(verified['problems'], []);
  const odd = Buffer.from(readFileSync(file));
  odd.write('legs', odd.indexOf('eggs'));
  writeFileSync(file, odd);
  const changed = await run(t, 'ledger', 'verify', file, ...genesis);
  t.is(changed.code, 5, changed.stderr);
  const event = paid['event'] as number;
  t.regex(changed.stdout, new RegExp(`first ${event - 1} events hold`));
  t.regex(changed.stdout, new RegExp(`event ${event} \\(transfer-received\\): bad-signature`));
  const other = await run(t, 'ledger', 'verify', file, '--genesis', 'a'.repeat(64));
  t.is(other.code, 5);
  t.regex(other.stdout, /event 1 .*is the log of federation [0-9a-f]{64}, not of aaaa/);
}

async function changesRules(t: ExecutionContext, folder: string, json: Json): Promise<void> {
  const hub = ['--home', join(folder, 'hub')];
  const { code, stdout } = await run(t, 'ledger', 'rules', 'show', '--terms', ...hub);
  t.is(code, 0);
  const file = join(folder, 'rules.json');
  writeFileSync(file, JSON.stringify({ ...JSON.parse(stdout), transferFee: 1 }));
  t.deepEqual(await json(t, 'ledger', 'rules', 'propose', file, ...hub), {
    kind: 'in-force',
    seq: 1,
  });
  writeFileSync(file, JSON.stringify({ ...JSON.parse(stdout), transferFee: -1 }));
  await refused(t, 2, /transferFee/, 'ledger', 'rules', 'propose', file, ...hub);
}

async function refused(
  t: ExecutionContext,
  code: number,
  says: RegExp,
  ...args: string[]
): Promise<void> {
  const ended = await run(t, ...args);
  t.is(ended.code, code, `${args.join(' ')}: ${ended.stderr}`);
  t.regex(ended.stderr, says);
  t.notRegex(ended.stderr, /\n\s+at /);
}
