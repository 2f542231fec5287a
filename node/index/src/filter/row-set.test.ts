import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { IndexError } from '../index-error.ts';
import { RowSet, SLOT_COUNT_MAX } from './row-set.ts';

const slotsOf = fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 120 });
const sorted = (slots: Iterable<number>) => [...slots].sort((a, b) => a - b);

function checkSame(
  t: { deepEqual(a: unknown, b: unknown): void },
  set: RowSet,
  model: Set<number>,
) {
  t.deepEqual([...set.slots()], sorted(model));
  t.deepEqual([...set.toSlots()], sorted(model));
  t.deepEqual(set.count, model.size);
}

testProp('the algebra of row sets is that of sets', [slotsOf, slotsOf], (t, a, b) => {
  const [left, right] = [RowSet.fromSlots(a), RowSet.fromSlots(b, 500)];
  const [inA, inB] = [new Set(a), new Set(b)];
  checkSame(t, left, inA);
  checkSame(t, left.and(right), new Set(a.filter((slot) => inB.has(slot))));
  checkSame(t, left.or(right), new Set([...a, ...b]));
  checkSame(t, left.andNot(right), new Set(a.filter((slot) => !inB.has(slot))));
  checkSame(t, right.andNot(left), new Set(b.filter((slot) => !inA.has(slot))));
  const changed = left.clone();
  changed.addAll(right);
  checkSame(t, changed, new Set([...a, ...b]));
  changed.deleteAll(left);
  checkSame(t, changed, new Set(b.filter((slot) => !inA.has(slot))));
  t.is(left.countAnd(right), left.and(right).count);
  t.is(left.equals(right), inA.size === inB.size && a.every((slot) => inB.has(slot)));
  for (const slotCount of [0, 31, 32, 33, 250, 301]) {
    const rest = Array.from({ length: slotCount }, (_, slot) => slot).filter((s) => !inA.has(s));
    checkSame(t, left.not(slotCount), new Set(rest));
  }
});

const steps = fc.array(
  fc.tuple(
    fc.constantFrom('add', 'delete', 'range'),
    fc.integer({ min: 0, max: 200 }),
    fc.integer({ min: 0, max: 90 }),
  ),
  { maxLength: 60 },
);

testProp('a set keeps its count through any adds, deletes and ranges', [steps], (t, list) => {
  const set = new RowSet();
  const model = new Set<number>();
  for (const [step, slot, length] of list) {
    if (step === 'add') {
      t.is(set.add(slot), !model.has(slot));
      model.add(slot);
    } else if (step === 'delete') t.is(set.delete(slot), model.delete(slot));
    else {
      set.addRange(slot, slot + length);
      for (let at = slot; at < slot + length; at++) model.add(at);
    }
    t.is(set.has(slot), model.has(slot));
  }
  const before = set.clone();
  checkSame(t, set, model);
  checkSame(t, RowSet.fromWords(set.words.slice()), model);
  set.clear();
  t.is(set.count, 0);
  checkSame(t, before, model);
});

test('slots outside the table are refused, and are in no set', (t) => {
  const set = RowSet.range(0, 40);
  for (const slot of [-1, SLOT_COUNT_MAX, 2 ** 31]) {
    t.false(set.has(slot));
    const add = () => set.add(slot);
    t.is(t.throws(add, { instanceOf: IndexError }).code, 'limit-exceeded');
  }
  t.throws(() => new RowSet(SLOT_COUNT_MAX + 1), { instanceOf: IndexError });
  t.throws(() => set.addRange(-3, 4), { instanceOf: IndexError });
  t.is(set.count, 40);
  t.true(set.add(SLOT_COUNT_MAX - 1));
  t.deepEqual([...set.slots()].at(-1), SLOT_COUNT_MAX - 1);
  const grown = RowSet.range(0, SLOT_COUNT_MAX / 2 + 100);
  grown.add(SLOT_COUNT_MAX / 2 + 200);
  t.is(grown.or(set).count, SLOT_COUNT_MAX / 2 + 102);
});
