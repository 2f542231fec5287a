import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { IdTable } from './id-table.ts';

const CAPACITY = 40;
const ids = fc.oneof(
  fc.string({ minLength: 1, maxLength: 3 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 4 }),
  fc.constantFrom('\ud800', '\udc00x', 'ÿ', 'Ā', 'x'.repeat(1_024)),
);

testProp(
  'the table agrees with two maps through any naming, deleting, growth and restoring',
  [fc.array(fc.tuple(fc.nat({ max: CAPACITY - 1 }), ids, fc.nat({ max: 9 })), { maxLength: 200 })],
  (t, steps) => {
    let table = new IdTable(CAPACITY);
    const model = new Map<number, string>();
    let capacity = CAPACITY;
    for (const [slot, id, kind] of steps) {
      if (kind === 0) {
        capacity += 7;
        table.grow(capacity);
      } else if (kind === 1) {
        const restored = new IdTable(capacity);
        t.true(restored.restore(table.records(CAPACITY), CAPACITY));
        table = restored;
      } else if (model.has(slot)) {
        table.delete(slot);
        model.delete(slot);
      } else if (![...model.values()].includes(id)) {
        table.set(slot, id);
        model.set(slot, id);
      }
      t.is(table.slotOf(id), [...model].find(([, each]) => each === id)?.[0]);
    }
    t.is(table.size, model.size);
    for (let slot = 0; slot < CAPACITY; slot++) t.is(table.idOf(slot), model.get(slot));
    for (const [slot, id] of model) t.is(table.slotOf(id), slot);
    t.deepEqual([...table.ids()].sort(), [...model.values()].sort());
  },
  { seed: 106, numRuns: 200 },
);

test('deleted ids leave neither characters nor room behind', (t) => {
  const table = new IdTable(4);
  for (let round = 0; round < 1_000; round++) {
    table.set(1, `secret-${round}`);
    table.delete(1);
  }
  t.true(table.bytes.characters < 2_000);
  t.false(Buffer.from(table.records(4)).includes('secret'));
});

test('records that are cut, too long, or name a slot twice are refused', (t) => {
  const table = new IdTable(2);
  table.set(0, 'a');
  table.set(1, 'b');
  const records = table.records(2);
  const restores = (bytes: Uint8Array) => new IdTable(2).restore(bytes, 2);
  t.true(restores(records));
  t.false(restores(records.subarray(0, -1)));
  t.false(restores(Buffer.concat([records, records])));
  t.false(restores(Buffer.concat([records.subarray(0, 3), records.subarray(0, 3)])));
});
