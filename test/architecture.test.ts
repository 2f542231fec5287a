// The import table of the design and the bans that no linter covers, enforced on every source.

import { spawnSync } from 'node:child_process';
import test from 'ava';
import { parseCatalog } from '../infra/deploy/catalog.ts';
import { banViolations } from './architecture/ban-rules.ts';
import { importViolations } from './architecture/import-rules.ts';
import { catalogViolations, manifestViolations } from './architecture/manifest-rules.ts';
import { isTestFile, ROOMS } from './architecture/rooms.ts';
import { describeViolation, type Violation } from './architecture/violation.ts';
import {
  hasFile,
  readManifests,
  readSources,
  readText,
  WORKSPACE_ROOT,
} from './architecture/workspace-files.ts';

const sources = readSources();
const manifests = readManifests();

test('every room of the table has sources, so that the rules below judge something', (t) => {
  for (const { folder, packageName } of ROOMS) {
    if (packageName !== undefined) t.true(manifests.has(folder), `${folder}/package.json`);
    const shipped = sources.filter(({ path }) => path.startsWith(`${folder}/`));
    t.true(shipped.length > 0, `no source found in ${folder}`);
  }
  t.true(sources.some(({ path }) => !isTestFile(path)));
});

test('no file imports what its room may not', (t) => {
  t.deepEqual(sources.flatMap(importViolations).map(describeViolation), []);
});

test('no file uses the clock, randomness, timers, argv or env outside its rights', (t) => {
  t.deepEqual(sources.flatMap(banViolations).map(describeViolation), []);
});

test('every manifest declares rooms of the table, heavy libraries at home, catalog versions', (t) => {
  const found = [...manifests].flatMap(([folder, text]) => manifestViolations(folder, text));
  t.deepEqual(found.map(describeViolation), []);
});

test('every version of the catalog is exact', (t) => {
  const catalog = parseCatalog(readText('pnpm-workspace.yaml'));
  t.true(catalog.size > 10);
  t.deepEqual(catalogViolations(catalog).map(describeViolation), []);
});

test('every unit test stands beside the file it is named after', (t) => {
  const orphans = sources
    .map(({ path }) => path)
    .filter((path) => path.endsWith('.test.ts') && !path.startsWith('test/'))
    .filter((path) => !hasFile(path.replace('.test.ts', '.ts')))
    .map(
      (file): Violation => ({
        file,
        line: 1,
        rule: 'orphan-test',
        advice: 'name it after the file it tests, or move it to test/ if it needs two rooms',
      }),
    );
  t.deepEqual(orphans.map(describeViolation), []);
});

test('the linter refuses what the style bans', (t) => {
  const planted = `
    export * from './b.ts';
    export enum Phase { Open }
    export class Ledger { constructor(private readonly books: string) {} }
    export function first(items: string[]): any {
      // @ts-ignore
      return items[0]!;
    }
    export default first;
  `;
  const file = 'shared/src/Planted_File.ts';
  const refused = lintedRules(file, planted);
  for (const rule of [
    'performance/noReExportAll',
    'style/noEnum',
    'style/noParameterProperties',
    'suspicious/noExplicitAny',
    'suspicious/noTsIgnore',
    'style/noNonNullAssertion',
    'style/noDefaultExport',
    'style/useFilenamingConvention',
  ]) {
    t.true(refused.has(`lint/${rule}`), `${rule} is off in biome.json`);
  }
});

test('the linter refuses files over 300 and functions over 70 lines', (t) => {
  const steps = (count: number) => '  total += 1;\n'.repeat(count);
  const sum = (name: string, count: number) =>
    `export function ${name}(): number {\n  let total = 0;\n${steps(count)}  return total;\n}\n`;
  t.true(
    lintedRules('shared/src/long.ts', sum('long', 71)).has(
      'lint/complexity/noExcessiveLinesPerFunction',
    ),
  );
  const five = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => sum(name, 60)).join('\n');
  const refused = lintedRules('shared/src/long.ts', five);
  t.true(refused.has('lint/style/noExcessiveLinesPerFile'));
  t.false(refused.has('lint/complexity/noExcessiveLinesPerFunction'));
});

/** Rules that Biome reports for a text, as if it stood in `path`. */
function lintedRules(path: string, text: string): Set<string> {
  const biome = spawnSync(
    'biome',
    ['lint', `--stdin-file-path=${path}`, '--colors=off', '--max-diagnostics=none'],
    {
      cwd: WORKSPACE_ROOT,
      input: text,
      encoding: 'utf8',
    },
  );
  if (biome.error !== undefined) throw biome.error;
  return new Set(`${biome.stdout}${biome.stderr}`.match(/lint\/\w+\/\w+/g) ?? []);
}
