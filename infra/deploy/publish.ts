// `pnpm run publish [--out DIR]`: emits the packages that users import as JavaScript and
// declarations into DIR/<package>, ready for `npm publish`. Nothing is uploaded.

import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parseCatalog } from './catalog.ts';
import { publishedManifest, type SourceManifest, type Versions } from './published-manifest.ts';

/** Folders of the packages that users import. */
const PUBLISHED = [
  'shared',
  'crypto',
  'consensus',
  'node/index',
  'node/training',
  'coordinator/rules',
] as const;

const ROOT = join(import.meta.dirname, '..', '..');

process.exitCode = main(process.argv.slice(2));

function main(args: readonly string[]): number {
  let out: string;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { out: { type: 'string', default: 'dist/packages' } },
    });
    out = resolve(values.out);
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\nusage: pnpm run publish [--out DIR]\n`);
    return 2;
  }
  try {
    publish(out);
    return 0;
  } catch (error) {
    process.stderr.write(`nothing was published: ${messageOf(error)}\n`);
    return 1;
  }
}

function publish(out: string): void {
  const emitted = emit();
  try {
    const manifests = new Map(PUBLISHED.map((folder) => [folder, readManifest(folder)]));
    const versions: Versions = {
      workspace: new Map([...manifests.values()].map(({ name, version }) => [name, version])),
      catalog: parseCatalog(readFileSync(join(ROOT, 'pnpm-workspace.yaml'), 'utf8')),
    };
    for (const [folder, manifest] of manifests) {
      const target = join(out, manifest.name.replace('@starling/', ''));
      assemble(folder, join(emitted, folder), target, publishedManifest(manifest, versions));
      process.stdout.write(`${manifest.name} ${manifest.version} → ${target}\n`);
    }
  } finally {
    rmSync(emitted, { recursive: true, force: true });
  }
}

/**
 * Compiles all packages in one run and returns the folder of the result. It lies inside the
 * workspace, because the compiler looks for packages from its settings file upwards.
 * @throws {Error} with the compiler's own words.
 */
function emit(): string {
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  const folder = mkdtempSync(join(ROOT, 'dist', 'emit-'));
  const settings = {
    extends: join(ROOT, 'tsconfig.json'),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      rootDir: ROOT,
      outDir: folder,
      typeRoots: [join(ROOT, 'node_modules', '@types')],
    },
    include: PUBLISHED.map((name) => join(ROOT, name, 'src/**/*.ts')),
    exclude: PUBLISHED.flatMap((name) =>
      ['*.test.ts', '*-fixture.ts'].map((files) => join(ROOT, name, 'src/**', files)),
    ),
  };
  const settingsFile = join(folder, 'tsconfig.json');
  writeFileSync(settingsFile, JSON.stringify(settings));
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const run = spawnSync(process.execPath, [tsc, '-p', settingsFile], { encoding: 'utf8' });
  if (run.status === 0) return folder;
  rmSync(folder, { recursive: true, force: true });
  throw new Error(`the sources do not compile\n${run.error?.message ?? ''}${run.stdout}`);
}

/** One package: emitted code, files beside the sources, manifest, README and licence. */
function assemble(folder: string, emitted: string, target: string, manifest: object): void {
  if (existsSync(join(target, 'src'))) {
    throw new Error(`${target} holds sources; choose another folder with --out`);
  }
  rmSync(join(target, 'dist'), { recursive: true, force: true });
  cpSync(join(emitted, 'src'), join(target, 'dist', 'src'), { recursive: true });
  for (const asset of globSync(['src/**/*.*', 'export/*.py'], { cwd: join(ROOT, folder) })) {
    if (asset.endsWith('.ts')) continue;
    mkdirSync(dirname(join(target, 'dist', asset)), { recursive: true });
    cpSync(join(ROOT, folder, asset), join(target, 'dist', asset));
  }
  writeFileSync(join(target, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  const readme = join(ROOT, folder, 'README.md');
  if (existsSync(readme)) cpSync(readme, join(target, 'README.md'));
  cpSync(join(ROOT, 'LICENSE'), join(target, 'LICENSE'));
}

function readManifest(folder: string): SourceManifest {
  return JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')) as SourceManifest;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
