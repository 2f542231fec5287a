// Every crash and every failing call of a short history, one after the other.

import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import test from 'ava';
import { IndexError } from '../index-error.ts';
import { Collection } from './collection.ts';
import type { CollectionSettings } from './collection-options.ts';
import type { Metadata } from './row-metadata.ts';
import { CRASH_KINDS, type CrashPoint, SimulatedDisk } from './simulated-disk.ts';

const FOLDER = '/collection';
const COPY = '/copy';
const SETTINGS: CollectionSettings = {
  dimension: 2,
  kind: 'flat',
  metric: 'euclidean',
  segmentRowsMax: 4,
  checkpointLogBytes: 0,
};

type Model = ReadonlyMap<string, readonly [number, number, Metadata | undefined]>;
type Change = (model: Map<string, readonly [number, number, Metadata | undefined]>) => void;

interface Step {
  /** Calls `acknowledge` when its change is acknowledged before all of it has run. */
  readonly run: (collection: Collection, acknowledge: () => void) => Promise<unknown>;
  readonly change: Change;
}

function put(ids: readonly string[], value: number, metadata?: Metadata): Step {
  const rows = ids.map((id, i) => {
    const vector = [value, i];
    return metadata === undefined ? { id, vector } : { id, vector, metadata };
  });
  return {
    run: (collection) => collection.upsert(rows),
    change: (model) => {
      for (const [i, id] of ids.entries()) model.set(id, [value, i, metadata]);
    },
  };
}

function remove(ids: readonly string[], erase: 'compaction' | 'now' = 'compaction'): Step {
  return {
    run: (collection) => collection.delete(ids, { erase }),
    change: (model) => {
      for (const id of ids) model.delete(id);
    },
  };
}

function upkeep(run: Step['run']): Step {
  return { run, change: () => undefined };
}

/** A write that is acknowledged while upkeep is still under way. */
function beside(upkeepStep: Step, write: Step): Step {
  return {
    run: async (collection, acknowledge) => {
      const upkept = upkeepStep.run(collection, acknowledge);
      // So that the log turns first.
      const written = nextTurn().then(() => write.run(collection, acknowledge));
      const results = await Promise.allSettled([upkept, written.then(acknowledge)]);
      for (const result of results) if (result.status === 'rejected') throw result.reason;
    },
    change: write.change,
  };
}

const compaction = upkeep((collection) => collection.compact());

const checkpoint = upkeep((collection) => collection.checkpoint());

const HISTORY: readonly Step[] = [
  put(['a', 'b'], 1),
  put(['c', 'd', 'e'], 2, { year: 2024, name: 'x' }),
  checkpoint,
  put(['a', 'f'], 3, { year: 1 }),
  remove(['c', 'b']),
  checkpoint,
  remove(['d']),
  checkpoint,
  put(['g', 'h', 'a', 'i', 'j'], 4),
  upkeep((collection) => collection.snapshot(COPY)),
  remove(['f', 'g'], 'now'),
  put(['k'], 5, { name: 'y' }),
  compaction,
  beside(checkpoint, put(['a', 'l'], 6)),
  put(['b', 'm'], 7),
  beside(compaction, remove(['h', 'k'])),
];

function modelAfter(steps: number): Model {
  const model = new Map<string, readonly [number, number, Metadata | undefined]>();
  for (const step of HISTORY.slice(0, steps)) step.change(model);
  return model;
}

async function contentOf(collection: Collection): Promise<Model> {
  const content = new Map<string, readonly [number, number, Metadata | undefined]>();
  if (collection.size === 0) return content;
  const { hits } = await collection.search([0, 0], { k: 100 });
  for (const { id } of hits) {
    const row = await collection.get(id);
    if (row !== undefined)
      content.set(id, [row.vector[0] ?? -1, row.vector[1] ?? -1, row.metadata]);
  }
  return content.size === collection.size ? content : new Map();
}

function sorted(model: Model) {
  return [...model].sort(([a], [b]) => (a < b ? -1 : 1));
}

interface Crash {
  readonly point: CrashPoint;
  readonly acknowledged: number;
  readonly sent: number;
}

async function recordHistory(): Promise<Crash[]> {
  using disk = new SimulatedDisk();
  const crashes: Crash[] = [];
  let acknowledged = 0;
  let sent = 0;
  disk.onChange = (point) => crashes.push({ point, acknowledged, sent });
  const collection = await Collection.open(FOLDER, SETTINGS, { storage: disk });
  for (const each of HISTORY) {
    sent++;
    const step = sent;
    const acknowledge = () => {
      acknowledged = step;
    };
    await each.run(collection, acknowledge);
    acknowledge();
  }
  await collection.close();
  return crashes;
}

/** Opens what a crash left behind and says what is wrong with it. */
async function judge(disk: SimulatedDisk, crash: Crash): Promise<string | undefined> {
  const collection = await Collection.open(FOLDER, SETTINGS, { storage: disk });
  const found = JSON.stringify(sorted(await contentOf(collection)));
  const allowed = [];
  for (let steps = crash.acknowledged; steps <= crash.sent; steps++) {
    allowed.push(JSON.stringify(sorted(modelAfter(steps))));
  }
  if (!allowed.includes(found)) return `found ${found} instead of ${allowed.join(' or ')}`;
  await collection.upsert([{ id: 'after', vector: [7, 7] }]);
  await collection.close();
  await using again = await Collection.open(FOLDER, SETTINGS, { storage: disk });
  return (await again.get('after')) === undefined ? 'a write after the crash is lost' : undefined;
}

function imageOf(disk: SimulatedDisk, crash: Crash): string {
  const hash = createHash('sha256').update(`${crash.acknowledged} ${crash.sent}`);
  for (const [path, bytes] of disk.files()) hash.update(path).update(bytes);
  return hash.digest('hex');
}

test('a crash after any call, whatever it kept of unsynced writes, loses no acknowledged write', async (t) => {
  const crashes = await recordHistory();
  const seen = new Set<string>();
  const problems: string[] = [];
  for (const crash of crashes) {
    for (const kind of CRASH_KINDS) {
      using disk = SimulatedDisk.after(crash.point, kind);
      const image = imageOf(disk, crash);
      if (seen.has(image)) continue;
      seen.add(image);
      const where = `${crash.point.call}, step ${crash.sent}, kept ${kind}`;
      try {
        const problem = await judge(disk, crash);
        if (problem !== undefined) problems.push(`${where}: ${problem}`);
      } catch (error) {
        problems.push(`${where}: ${error}`);
      }
    }
  }
  t.deepEqual(problems.slice(0, 5), []);
  t.log(`${crashes.length} calls, ${seen.size} different disks after a crash`);
  t.true(crashes.length > 100);
});

test('whichever call fails, the write fails, reads go on, and a later try makes up for it', async (t) => {
  for (const when of ['before', 'after'] as const) {
    let failed = 0;
    for (let failing = 0; ; failing += when === 'before' ? 1 : 3) {
      using disk = new SimulatedDisk();
      const where = await runWithFault(disk, failing, when);
      if (where.problem !== undefined) return t.fail(`${when} call ${failing}: ${where.problem}`);
      if (!where.hasFailed) break;
      failed++;
    }
    t.true(failed > 80);
  }
});

async function openDespite(disk: SimulatedDisk): Promise<Collection> {
  try {
    return await Collection.open(FOLDER, SETTINGS, { storage: disk });
  } catch (error) {
    if (!isStorageFailure(error)) throw error;
    return Collection.open(FOLDER, SETTINGS, { storage: disk });
  }
}

async function runWithFault(disk: SimulatedDisk, failing: number, when: 'before' | 'after') {
  let hasFailed = false;
  let call = '';
  disk.fault = (number, name) => {
    if (number !== failing) return undefined;
    hasFailed = true;
    call = name;
    return when;
  };
  const collection = await openDespite(disk);
  for (const [i, step] of HISTORY.entries()) {
    try {
      await step.run(collection, () => undefined);
    } catch (error) {
      if (!isStorageFailure(error)) return { hasFailed, problem: `${call}: ${error}` };
      const before = JSON.stringify(sorted(await contentOf(collection)));
      const models = [modelAfter(i), modelAfter(i + 1)].map((m) => JSON.stringify(sorted(m)));
      if (!models.includes(before)) return { hasFailed, problem: `${call}: it is ${before}` };
      await disk.remove(COPY);
      await step.run(collection, () => undefined);
    }
  }
  try {
    await collection.close();
  } catch (error) {
    if (!isStorageFailure(error)) throw error;
  }
  disk.fault = () => undefined;
  await using again = await Collection.open(FOLDER, SETTINGS, { storage: disk });
  const found = JSON.stringify(sorted(await contentOf(again)));
  const expected = JSON.stringify(sorted(modelAfter(HISTORY.length)));
  return { hasFailed, problem: found === expected ? undefined : `${call}: ${found}` };
}

function isStorageFailure(error: unknown): boolean {
  return error instanceof IndexError && error.code === 'storage-failed';
}
