import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { run, words } from '../command-line-fixture.ts';

test.serial('a simulation prints its seed first, then what came of it', async (t) => {
  const { code, stderr, stdout } = await run(...words('sim consensus --n 100 --runs 20 --seed 7'));
  t.is(code, 0);
  t.is(stderr, '');
  const lines = stdout.trimEnd().split('\n');
  t.is(lines[0], 'seed 7');
  t.regex(stdout, /rounds to finality +p50 2\d, p99/);
  t.regex(stdout, /violations +< 3\/20/);
  t.regex(stdout, /analytic bound +2\.1e-15 a round/);
  t.regex(lines.at(-1) ?? '', /^digest +[0-9a-f]{64}$/);
});

test.serial('JSON, CSV and the digest are the same for one seed', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'starling-sim-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const [json, csv] = [join(folder, 'a.json'), join(folder, 'a.csv')];
  const line = 'sim consensus --n 60 --runs 5 --weights pareto --share 0.1 --adversary minority';
  const files = ['--json', json, '--csv', csv, '--format', 'json'];
  const first = await run(...words(line), ...files);
  t.is(first.code, 0, first.stderr);
  t.is(first.stderr, 'seed 1\n');
  const answer = JSON.parse(first.stdout);
  t.is(answer.spec.level, 'identified');
  t.is(answer.runs.length, 5);
  t.deepEqual(JSON.parse(readFileSync(json, 'utf8')), answer);
  t.is(readFileSync(csv, 'utf8').trimEnd().split('\n').length, 6);
  const again = await run(...words(line), '--format', 'json');
  t.is(JSON.parse(again.stdout).digest, answer.digest);
});

test.serial('what cannot be simulated is refused in one line, with code 2', async (t) => {
  const refused: readonly (readonly [string, RegExp])[] = [
    ['--n 3', /^starling: n >= 4, but n = 3: fewer peers tolerate no liar\n$/],
    ['--n 10', /^starling: k <= n, but k = 20 and n = 10/],
    ['--alpha-confidence 21', /^starling: alphaConfidence <= k, but alphaConfidence = 21/],
    ['--alpha-preference 10', /^starling: k\/2 < alphaPreference/],
    ['--share 1.5', /^starling: 0 <= adversaryShare <= 1/],
    ['--adversary crook', /argument 'crook' is invalid\. Allowed choices are silent, /],
    ['--adversary holder', /^starling: adversary holder needs adversaryShare/],
    ['--level exchangeable --loss 0.1', /^starling: loss, crash and partition need level/],
    ['--crash 0.1:5', /It must be share:from:until/],
    ['--runs many', /It must be a number/],
    ['--json /nowhere/at/all.json', /^starling: --json \/nowhere.* cannot be written/],
    ['--report /', /^starling: --report \/ cannot be written/],
  ];
  for (const [options, says] of refused) {
    const { code, stderr, stdout } = await run(...words(`sim consensus ${options}`));
    t.is(code, 2, options);
    t.regex(stderr, says, options);
    t.is(stdout, '', options);
    t.notRegex(stderr, /\n\s+at /, options);
  }
});
