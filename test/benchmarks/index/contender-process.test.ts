import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { ContenderProcess } from './contender-process.ts';
import { OURS } from './contenders.ts';
import { exactDistances, recallOf } from './exact-neighbours.ts';
import { sampledSet } from './sample-rows.ts';

const worker = join(import.meta.dirname, 'contender-worker.ts');
const { signal } = new AbortController();

function programOf(settings: object) {
  const description = JSON.stringify({ engine: 'starling', settings });
  return { file: process.execPath, args: [worker, description] };
}

for (const { name, settings } of OURS) {
  test(`${name} builds and finds in a process of its own`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'starling-bench-process-'));
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    const set = sampledSet('clustered', { dimension: 12, rows: 300, queryCount: 20, seed: 1 });
    writeFileSync(join(folder, 'base'), set.base);
    writeFileSync(join(folder, 'queries'), set.queries);
    await using contender = await ContenderProcess.start(programOf(settings), signal);
    const shape = { rows: set.rows, dimension: 12, m: 16, efConstruction: 100, threads: 1 };
    const built = await contender.build({ file: join(folder, 'base'), ...shape });
    t.true(built.seconds > 0 && built.cpuSeconds > 0);
    const query = { file: join(folder, 'queries'), count: 20, dimension: 12, k: 10 };
    const found = await contender.search({ ...query, efSearch: 200, withResults: true });
    t.is(found.micros.length, 20);
    t.true((found.distances ?? 0) > 10);
    const exact = exactDistances(set, 10, folder);
    t.true(recallOf(set, exact, Int32Array.from(found.labels ?? [])) > 0.95);
    const timed = await contender.search({ ...query, efSearch: 20, withResults: false });
    t.deepEqual(Object.keys(timed), ['micros']);
  });
}

test('what a contender refuses is thrown in its words, and it goes on', async (t) => {
  await using contender = await ContenderProcess.start(programOf({}), signal);
  const shape = { rows: 1, dimension: 4, m: 16, efConstruction: 100, threads: 1 };
  await t.throwsAsync(contender.build({ file: '/no/such/file', ...shape }), { message: /ENOENT/ });
  await t.throwsAsync(contender.build({ file: worker, ...shape, m: 1 }), { message: /m/ });
});

test('a contender that does not come up says why', async (t) => {
  const program = { file: process.execPath, args: ['-e', 'throw new Error("no library")'] };
  await t.throwsAsync(ContenderProcess.start(program, signal), { message: /no library/ });
  const absent = { file: join(import.meta.dirname, 'no-such-program'), args: [] };
  await t.throwsAsync(ContenderProcess.start(absent, signal), { message: /it ended/ });
});
