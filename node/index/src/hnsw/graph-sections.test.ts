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
import { insertNode } from './insert-node.ts';

type Head = Record<string, unknown>;
type Nonsense = (head: Head, sections: Section[]) => [Head, Section[]];

function grownGraph(): HnswGraph {
  const graph = new HnswGraph(checkHnswOptions({ dimension: 3, m: 3, efConstruction: 9 }));
  const vectors = gaussianRows(1, 30, 3);
  for (const [row, id] of numberedIds(30).entries()) insertNode(graph, id, vectors, row * 3);
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

function withIds(text: string): Nonsense {
  return (head, sections) => [
    head,
    sections.map((section) =>
      section.name === 'ids' ? { name: 'ids', bytes: new TextEncoder().encode(text) } : section,
    ),
  ];
}

const nonsense: Record<string, Nonsense> = {
  'an unknown kind': withHead({ kind: 'ivf' }),
  'an unknown metric': withHead({ metric: 'hamming' }),
  'a dimension of another file': withHead({ dimension: 4 }),
  'no dimension': withHead({ dimension: null }),
  'too many layers': withHead({ layers: 99 }),
  'a negative number of layers': withHead({ layers: -1 }),
  'an entry that is not there': withHead({ entrySlot: 999 }),
  'no entry': withHead({ entrySlot: -1 }),
  'a random state that stands still': withHead({ random: [0, 0, 0, 0] }),
  'fewer rows allowed than held': withHead({ maxElements: 5 }),
  'links to slots beyond the table': withInts('layer-0-links', () => 30),
  'links to a single slot': withInts('layer-0-links', () => 7),
  'degrees that do not add up': withInts('layer-0-degrees', (degree) => Math.max(0, degree - 1)),
  'degrees beyond the limit': withInts('layer-0-degrees', (degree) => degree + 100),
  'a slot twice on a layer': withInts('layer-0-slots', () => 0),
  'parents in a circle': withInts('parents', (_, slot) => slot ^ 1),
  'a second root': withInts('parents', (parent, slot) => (slot < 2 ? -1 : parent)),
  'components that are no numbers': withInts('vectors', () => 0x7fc00000),
  'one id for all': withIds(JSON.stringify(Array(30).fill('a'))),
  'ids that are numbers': withIds('[1, 2]'),
  'ids that are no JSON': withIds('[1, 2'),
  'no ids': (head, sections) => [head, sections.filter(({ name }) => name !== 'ids')],
  'no links': (head, sections) => [head, sections.filter(({ name }) => name !== 'layer-0-links')],
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
