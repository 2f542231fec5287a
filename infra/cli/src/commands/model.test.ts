import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { run, words } from '../command-line-fixture.ts';
import { EXIT } from '../exit-codes.ts';

const wrong: readonly (readonly [string, RegExp])[] = [
  ['model show', /missing required argument 'version'/],
  ['model show none', /whole number from 1 to 1000000/],
  ['model rollback 0', /whole number from 1 to 1000000/],
  ['model pin 1 --direction higher', /--metric <name>' not specified/],
  ['model pin 1 --metric loss', /--direction <way>' not specified/],
  ['model pin 1 --metric loss --direction up', /Allowed choices are higher, lower/],
  ['model push 1', /unknown command 'push'/],
];

for (const [line, said] of wrong) {
  test.serial(`"starling ${line}" is refused as wrong use`, async (t) => {
    const { code, stderr } = await run(...words(line));
    t.is(code, EXIT.usage);
    t.regex(stderr, said);
  });
}

test.serial('every question about versions needs a coordinator that runs', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'starling-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  for (const line of ['list', 'show 1', 'pull 1', 'unpin 1', 'rollback 1', 'matrix']) {
    const { code, stderr } = await run('model', ...words(line), '--home', folder);
    t.is(code, EXIT.refused, line);
    t.regex(stderr, /nothing runs on/);
  }
});
