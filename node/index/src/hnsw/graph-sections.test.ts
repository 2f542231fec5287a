// Files whose checksums hold, but whose content nobody could have saved.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { openIndex } from '../file/open-index.ts';
import { type Section, writeSectionFile } from '../file/section-file.ts';
import { IndexError } from '../index-error.ts';
import { gaussianRows, numberedIds } from '../sample-vectors.ts';
import { encodeGraph, encodeGraphHead } from './graph-sections.ts';
import { HnswGraph } from './hnsw-graph.ts';
import { checkHnswOptions } from './hnsw-options.ts';

type Head = Record<string, unknown>;
type Nonsense = (head: Head, sections: Section[]) => [Head, Section[]];

function grownGraph(): HnswGraph {
  const graph = new HnswGraph(checkHnswOptions({ dimension: 3, m: 3, efConstruction: 9 }));
  const vectors = gaussianRows(1, 30, 3);
  for (const [row, id] of numberedIds(30).entries()) graph.insert(id, vectors, row * 3);
  return graph;
}

function withHead(changes: Head): Nonsense {
  return (head, sections) => [{ ...head, ...changes }, sections];
}

function withInts(name: string, change: (value: number, position: number) => number): Nonsense {
  return (head, sections) => [
    head,
    sections.map((section) => {
      if (section.name !== name) return section;
      const { buffer, byteOffset, byteLength } = section.bytes;
      const values = new Int32Array(buffer, byteOffset, byteLength / 4).map(change);
      return { name, bytes: new Uint8Array(values.buffer) };
    }),
  ];
}

function withBytes(name: string, change: (value: number, position: number) => number): Nonsense {
  return (head, sections) => [
    head,
    sections.map((section) =>
      section.name === name ? { name, bytes: section.bytes.map(change) } : section,
    ),
  ];
}

function without(name: string): Nonsense {
  return (head, sections) => [head, sections.filter((section) => section.name !== name)];
}

const nonsense: Record<string, Nonsense> = {
  'an unknown kind': withHead({ kind: 'ivf' }),
  'an unknown metric': withHead({ metric: 'hamming' }),
  'a dimension of another file': withHead({ dimension: 5 }),
  'no dimension': withHead({ dimension: null }),
  'another number of slots': withHead({ slotCount: 31 }),
  'a negative number of slots': withHead({ slotCount: -1 }),
  'another number of upper blocks': withHead({ upperBlocks: 1 }),
  'a negative number of upper blocks': withHead({ upperBlocks: -1 }),
  'an entry that is not there': withHead({ entry: 999 }),
  'an entry below the top layer': withHead({ entry: 0 }),
  'no entry': withHead({ entry: -1 }),
  'a random state that stands still': withHead({ random: [0, 0, 0, 0] }),
  'fewer rows allowed than held': withHead({ maxElements: 5 }),
  'links to slots beyond the table': withInts('links', () => 30),
  'links to slots before the table': withInts('links', () => -1),
  'links to a single slot': withInts('links', () => 7),
  'links of upper layers to nowhere': withInts('upper', (word) => (word < 30 ? word + 40 : word)),
  'degrees that are cut': withBytes('degrees', (degree) => Math.max(0, degree - 1)),
  'degrees beyond the limit': withBytes('degrees', (degree) => degree + 100),
  'diverse links beyond the degree': withBytes('diverse-degrees', () => 200),
  'rows without layers': withBytes('layer-counts', () => 0),
  'rows on too many layers': withBytes('layer-counts', () => 17),
  'upper blocks that rows share': withInts('upper-offsets', () => 0),
  'upper blocks that are not there': withInts('upper-offsets', (block) => block + 1_000),
  'parents in a circle': withInts('parents', (_, slot) => slot ^ 1),
  'parents that are not there': withInts('parents', (parent) => parent + 40),
  'a second root': withInts('parents', (parent, slot) => (slot < 2 ? -1 : parent)),
  'components that are no numbers': withInts('rows', () => 0x7fc00000),
  'one id for all': withBytes('ids', (_, at) => [5, 0, 97, 97, 97, 97, 97][at % 7] ?? 0),
  'ids that do not end': withBytes('ids', () => 0x70),
  'more ids than rows': (head, sections) => [
    head,
    sections.map(({ bytes, name }) =>
      name === 'ids' ? { name, bytes: Buffer.concat([bytes, bytes]) } : { name, bytes },
    ),
  ],
  'no ids': without('ids'),
  'no rows': without('rows'),
  'no links': without('links'),
};

for (const [what, change] of Object.entries(nonsense)) {
  test(`a file with ${what} is refused though its checksums hold`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'starling-index-'));
    t.teardown(() => rm(folder, { recursive: true }));
    const graph = grownGraph();
    const [head, sections] = change(encodeGraphHead(graph), encodeGraph(graph));
    await writeSectionFile(folder, head, sections);
    const error = await t.throwsAsync(openIndex(folder), { instanceOf: IndexError });
    t.is(error.code, 'corrupt-file');
    t.regex(error.message, /vectors\.index is damaged: .+; restore it from a copy/);
  });
}
