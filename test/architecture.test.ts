// The import table of the design and the bans that no linter covers, enforced on every source.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { parseCatalog } from '../infra/deploy/catalog.ts';
import { banViolations } from './architecture/ban-rules.ts';
import { importViolations } from './architecture/import-rules.ts';
import { catalogViolations, manifestViolations } from './architecture/manifest-rules.ts';
import { isTestFile, ROOMS } from './architecture/rooms.ts';
import { describeViolation } from './architecture/violation.ts';
import {
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

test('the linter refuses what the style bans', (t) => {
  const refused = lintedRules(
    t,
    'Planted_File.ts',
    `
    export * from './b.ts';
    export enum Phase { Open }
    export class Ledger { constructor(private readonly books: string) {} }
    export function first(items: string[]): any {
      // @ts-ignore
      return items[0]!;
    }
    export default first;
    `,
  );
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
    t.true(refused.has(rule), `${rule} is off in biome.json`);
  }
});

test('the linter refuses files over 300 and functions over 70 lines', (t) => {
  const sum = (name: string, steps: number): string =>
    `export function ${name}() {\n  let n = 0;\n${'  n += 1;\n'.repeat(steps)}  return n;\n}\n`;
  const short = [...'abcdef'].map((name) => sum(name, 60)).join('\n');
  t.deepEqual(
    [...lintedRules(t, 'function.ts', sum('long', 71))],
    ['complexity/noExcessiveLinesPerFunction'],
  );
  t.deepEqual([...lintedRules(t, 'file.ts', short)], ['style/noExcessiveLinesPerFile']);
});

/** Rules that the workspace's Biome settings refuse in a file of this name and text. */
function lintedRules(t: ExecutionContext, name: string, text: string): Set<string> {
  const folder = mkdtempSync(join(tmpdir(), 'starling-lint-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(join(WORKSPACE_ROOT, 'biome.json'), join(folder, 'biome.json'));
  writeFileSync(join(folder, name), text);
  const biome = spawnSync('biome', ['lint', '--vcs-enabled=false', '--colors=off', '.'], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (biome.error !== undefined) throw biome.error;
  const reported = `${biome.stdout}${biome.stderr}`.matchAll(/lint\/(\w+\/\w+)/g);
  return new Set([...reported].map(([, rule]) => rule ?? ''));
}
