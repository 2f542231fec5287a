import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { APP_FILE, readAppFolder } from './app-folder.ts';
import { loadClient, loadServer } from './load-app.ts';

const CLIENT = `
import { recordDict } from '@starling/shared';
import { clientApp } from '@starling/training';
const kept: number = 1;
export const client = clientApp({ train: async () => recordDict({ metrics: { kept } }) });
`;

/** A fresh folder outside the workspace, with some files. */
function folderOf(t: ExecutionContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'starling-app-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

const urlOf = (folder: string, name: string) => pathToFileURL(join(folder, name));

test('an app anywhere on the disk imports the framework without an installation', async (t) => {
  const folder = folderOf(t, { 'client.ts': CLIENT });
  const client = await loadClient(urlOf(folder, 'client.ts'));
  t.deepEqual(client.kinds, ['train']);
});

test('a syntax error is said with file and line, also in a module behind the app', async (t) => {
  const folder = folderOf(t, {
    'client.ts': `import { value } from './inner.ts';\nexport const client = value;\n`,
    'inner.ts': `export const value = 1;\nexport const other = = 2;\n`,
  });
  await t.throwsAsync(loadClient(urlOf(folder, 'client.ts')), {
    code: 'invalid-app',
    message: /inner\.ts:2: SyntaxError: /,
  });
});

test('an error while an app loads is said with file and line', async (t) => {
  const folder = folderOf(t, {
    'server.ts': `const a: unknown = 1;\nthrow new Error('no data');\n`,
  });
  await t.throwsAsync(loadServer(urlOf(folder, 'server.ts')), {
    code: 'invalid-app',
    message: /server\.ts:2: Error: no data$/,
  });
});

test('a name that a package does not have, and a package that is not there, are named', async (t) => {
  const folder = folderOf(t, {
    'client.ts': `\nimport { clientAp } from '@starling/training';\nexport const client = clientAp;\n`,
    'server.ts': `import 'left-pad';\n`,
  });
  await t.throwsAsync(loadClient(urlOf(folder, 'client.ts')), {
    code: 'invalid-app',
    message: /client\.ts(:2)?: SyntaxError: .*'clientAp'/,
  });
  await t.throwsAsync(loadServer(urlOf(folder, 'server.ts')), {
    code: 'invalid-app',
    message: /server\.ts.*left-pad/,
  });
});

test('a module without its part is told what to export', async (t) => {
  const folder = folderOf(t, { 'app.ts': 'export const server = 1;\n' });
  await t.throwsAsync(loadClient(urlOf(folder, 'app.ts')), {
    code: 'no-client',
    message: /app\.ts exports none; write export const client = clientApp/,
  });
  await t.throwsAsync(loadServer(urlOf(folder, 'app.ts')), {
    code: 'invalid-app',
    message: /exports server as number/,
  });
});

test('a manifest is strict, and what it names must exist', async (t) => {
  const manifest = { name: 'app', client: 'app.ts', server: 'app.ts' };
  const read = async (own: object | string, files = { 'app.ts': '' }) => {
    const text = typeof own === 'string' ? own : JSON.stringify({ ...manifest, ...own });
    return readAppFolder(folderOf(t, { ...files, [APP_FILE]: text }));
  };
  const app = await read({ config: { 'local-epochs': 2 } });
  t.deepEqual(app.config, { 'local-epochs': 2 });
  t.deepEqual(app.simulation, { nodes: 10, seed: 1 });
  const refused = (own: object | string, message: RegExp, code = 'invalid-app') =>
    t.throwsAsync(read(own), { code, message });
  await refused({ config: { localEpochs: 2 } }, /config.*kebab-case/s);
  await refused({ client: undefined }, /the app has no client; name the module/, 'no-client');
  await refused({ clients: 'x' }, /Unrecognized key: "clients"/);
  await refused(
    { client: 'gone.ts' },
    /client names .*gone\.ts, which does not exist/,
    'no-client',
  );
  await refused({ simulation: { nodes: 0 } }, /simulation\.nodes/);
  await refused('{', /starling\.app\.json is no JSON/);
  await t.throwsAsync(readAppFolder('/nowhere/at/all'), {
    code: 'invalid-app',
    message: /cannot be read: name the folder of an app, or make one with starling new/,
  });
});
