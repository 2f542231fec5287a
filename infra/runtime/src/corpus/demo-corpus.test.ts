import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { RuntimeError } from '../runtime-error.ts';
import { folderCorpus } from './demo-corpus.ts';
import { readDocuments } from './documents.ts';

const isRoot = process.getuid?.() === 0;

test('documented code and Markdown sections become documents, each once', async (t) => {
  const folder = temporaryFolder(t);
  write(
    folder,
    'a/code.ts',
    '/** Adds two numbers. */\nexport function add(a: number): number {}\n',
  );
  write(folder, 'b/notes.md', markdown(0, 2));
  write(folder, 'b/copy.md', markdown(0, 2));
  write(folder, '.hidden/notes.md', markdown(50, 2));
  write(folder, 'node_modules/x/notes.md', markdown(60, 2));
  const documents = await readDocuments(folder);
  t.deepEqual(documents.map(({ source }) => source).sort(), [
    'a/code.ts',
    'b/copy.md',
    'b/copy.md',
  ]);
});

test('a folder that is missing, empty, a file, or binary is refused by name', async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'empty'));
  write(folder, 'file.md', markdown(0, 2));
  write(folder, 'binary/picture.png', '\0\0');
  write(folder, 'disguised/picture.md', '# Heading\n\nText \0 text\n');
  write(folder, 'prose/readme.md', 'no heading, no document');
  const cases: readonly [string, RegExp][] = [
    ['missing', /missing cannot be read: no such folder/],
    ['empty', /empty is empty: put in TypeScript/],
    ['file.md', /file\.md is a file: name the folder it lies in/],
    ['binary', /binary holds no text to learn from/],
    ['disguised', /disguised holds no text to learn from/],
  ];
  for (const [name, message] of cases) {
    for (const read of [readDocuments, (path: string) => folderCorpus(path, undefined)]) {
      const error = await t.throwsAsync(() => read(join(folder, name)), {
        instanceOf: RuntimeError,
        message,
      });
      t.is(error?.code, 'invalid-corpus');
    }
  }
});

(isRoot ? test.skip : test)('an unreadable folder or file is refused by name', async (t) => {
  const folder = temporaryFolder(t);
  write(folder, 'notes.md', markdown(0, 2));
  chmodSync(join(folder, 'notes.md'), 0o000);
  await t.throwsAsync(() => readDocuments(folder), { message: /notes\.md .*permission denied/ });
});

test('three first-level folders or more are sites, and no two share a document', async (t) => {
  const folder = temporaryFolder(t);
  write(folder, 'a b/notes.md', markdown(0, 80));
  write(folder, 'a-b/notes.md', markdown(60, 80));
  write(folder, 'c/notes.md', markdown(200, 80));
  const { sites, digest } = await folderCorpus(folder, undefined);
  t.deepEqual(
    sites.map(({ name, holds }) => [name, ...holds]),
    [
      ['a-b', 'a b'],
      ['a-b-2', 'a-b'],
      ['c', 'c'],
    ],
  );
  t.deepEqual(
    sites.map(({ documents }) => documents.length),
    [80, 60, 80],
  );
  t.is(new Set(sites.flatMap((site) => site.documents.map(({ answer }) => answer))).size, 220);
  t.is((await folderCorpus(folder, undefined)).digest, digest);
});

test('otherwise files are dealt by the hash of their path, all of one file to one site', async (t) => {
  const folder = temporaryFolder(t);
  for (let file = 0; file < 40; file++) write(folder, `${file}.md`, markdown(file * 20, 20));
  const { sites } = await folderCorpus(folder, 4);
  t.is(sites.flatMap(({ documents }) => documents).length, 800);
  const files = sites.flatMap(({ holds }) => holds);
  t.is(new Set(files).size, files.length);
  t.deepEqual(await folderCorpus(folder, 4).then((again) => again.sites), sites);
});

test('a site with too little to hold out, and a wrong number of sites, are refused', async (t) => {
  const folder = temporaryFolder(t);
  for (const name of ['a', 'b', 'c']) {
    write(folder, `${name}/notes.md`, markdown(name.charCodeAt(0) * 100, name === 'c' ? 9 : 60));
  }
  await t.throwsAsync(() => folderCorpus(folder, 3), {
    message: /c would hold 9 documents, at lea/,
  });
  await t.throwsAsync(() => folderCorpus(folder, 2), { message: /--sites is 2: a whole number/ });
});

function markdown(from: number, sections: number): string {
  return Array.from({ length: sections }, (_, i) => {
    const n = from + i;
    return `## Heading number ${n}\n\nThe paragraph that belongs to heading ${n} of the notes.\n`;
  }).join('\n');
}

function write(folder: string, path: string, text: string): void {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), text);
}

function temporaryFolder(t: ExecutionContext): string {
  const path = mkdtempSync(join(tmpdir(), 'starling-'));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
