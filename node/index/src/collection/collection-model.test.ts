// Any mix of operations against a Map.

import { fc, testProp } from '@fast-check/ava';
import type { ExecutionContext } from 'ava';
import { IndexError } from '../index-error.ts';
import { Collection } from './collection.ts';
import { type CollectionSettings, INDEX_KINDS } from './collection-options.ts';
import { SimulatedDisk } from './simulated-disk.ts';

const FOLDER = '/collection';
const IDS = 14;

const ids = fc.uniqueArray(
  fc.nat({ max: IDS - 1 }).map((number) => `row-${number}`),
  { minLength: 1, maxLength: 6 },
);
const operations = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('upsert' as const), ids }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('insert' as const), ids }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('delete' as const), ids }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('erase' as const), ids }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('checkpoint', 'compact', 'copy') }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('reopen', 'unawaited' as const) }) },
);
type Operation = typeof operations extends fc.Arbitrary<infer T> ? T : never;

/** Components and metadata of a row, as text. */
type Model = Map<string, string>;

function rowsOf(names: readonly string[], step: number) {
  return names.map((id, row) => {
    const vector = [step, row];
    return step % 2 === 0 ? { id, vector } : { id, vector, metadata: { step } };
  });
}

function textOf(row: { vector: ArrayLike<number>; metadata?: unknown }): string {
  return JSON.stringify([Array.from(row.vector), row.metadata ?? null]);
}

class Trial {
  readonly disk: SimulatedDisk;
  readonly settings: CollectionSettings;
  readonly model: Model = new Map();
  collection: Collection;

  constructor(disk: SimulatedDisk, settings: CollectionSettings, collection: Collection) {
    this.disk = disk;
    this.settings = settings;
    this.collection = collection;
  }

  async run(t: ExecutionContext, operation: Operation, step: number): Promise<void> {
    const { collection, model } = this;
    if ('ids' in operation) {
      await this.#write(t, operation.kind, operation.ids, step);
    } else if (operation.kind === 'checkpoint') {
      await collection.checkpoint();
    } else if (operation.kind === 'compact') {
      await collection.compact();
      t.true(collection.stats().segments.every((segment) => segment.deletedRows === 0));
    } else if (operation.kind === 'copy') {
      await collection.snapshot(`/copy-${step}`);
      await using copy = await Collection.open(`/copy-${step}`, {}, { storage: this.disk });
      await expectContent(t, copy, model);
    } else if (operation.kind === 'unawaited') {
      const rows = rowsOf(['row-0', 'row-1'], step);
      void collection.compact();
      await Promise.all([collection.upsert(rows), collection.delete(['row-0'])]);
      model.delete('row-0');
      model.set('row-1', textOf(rows[1] ?? { vector: [] }));
    } else {
      await collection.close();
      this.collection = await Collection.open(FOLDER, this.settings, { storage: this.disk });
    }
  }

  async #write(t: ExecutionContext, kind: string, names: readonly string[], step: number) {
    const { collection, model } = this;
    if (kind === 'delete' || kind === 'erase') {
      const erase = kind === 'erase' ? 'now' : 'compaction';
      const present = names.filter((id) => model.delete(id)).length;
      t.is(await collection.delete(names, { erase }), present);
      return;
    }
    const rows = rowsOf(names, step);
    if (kind === 'insert' && names.some((id) => model.has(id))) {
      const error = await t.throwsAsync(collection.insert(rows), { instanceOf: IndexError });
      t.is(error?.code, 'duplicate-id');
      return;
    }
    await (kind === 'insert' ? collection.insert(rows) : collection.upsert(rows));
    for (const row of rows) model.set(row.id, textOf(row));
  }
}

async function expectContent(t: ExecutionContext, collection: Collection, model: Model) {
  const found: Model = new Map();
  for (let number = 0; number < IDS; number++) {
    const row = await collection.get(`row-${number}`);
    if (row !== undefined) found.set(row.id, textOf(row));
  }
  t.deepEqual(found, new Map([...model].sort(byNumber)));
  t.is(collection.size, model.size);
  const { hits } = await collection.search([0, 0], { k: IDS });
  t.deepEqual(hits.map((hit) => hit.id).sort(), [...model.keys()].sort());
  t.true(hits.every((hit, i) => i === 0 || (hits[i - 1]?.distance ?? 0) <= hit.distance));
}

function byNumber([a]: [string, string], [b]: [string, string]): number {
  return Number(a.slice(4)) - Number(b.slice(4));
}

testProp(
  'any mix of operations leaves what a Map would hold, after opening again too',
  [
    fc.constantFrom(...INDEX_KINDS),
    fc.integer({ min: 1, max: 9 }),
    fc.constantFrom('sync' as const, 'buffered' as const),
    fc.array(operations, { maxLength: 25 }),
  ],
  async (t, kind, segmentRowsMax, durability, steps) => {
    using disk = new SimulatedDisk();
    const settings: CollectionSettings = {
      kind,
      dimension: 2,
      metric: 'euclidean',
      m: 2,
      efConstruction: 8,
      segmentRowsMax,
      durability,
      checkpointLogBytes: 1_500,
    };
    const collection = await Collection.open(FOLDER, settings, { storage: disk });
    const trial = new Trial(disk, settings, collection);
    for (const [step, operation] of steps.entries()) {
      await trial.run(t, operation, step);
      await expectContent(t, trial.collection, trial.model);
    }
    await trial.collection.close();
    await using again = await Collection.open(FOLDER, settings, { storage: disk });
    await expectContent(t, again, trial.model);
  },
  { seed: 31, numRuns: 60 },
);
