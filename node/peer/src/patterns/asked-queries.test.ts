import { hashTexts, selectRows } from '@starling/training';
import test from 'ava';
import { ASKED_QUERIES_MAX, AskedQueries, joinRows, queryKey } from './asked-queries.ts';

test('the newest queries are kept, oldest first, and no more than there is room for', (t) => {
  const asked = new AskedQueries();
  const rows = Array.from({ length: 7 }, (_, i) => hashTexts([`query ${i}`], 64));
  for (let i = 0; i < ASKED_QUERIES_MAX + 3; i++) asked.record(rows[i % 7] ?? hashTexts([''], 64));
  const kept = asked.rows();
  t.is(kept.length, ASKED_QUERIES_MAX);
  t.is(kept[0], rows[3]);
  t.is(kept.at(-1), rows[(ASKED_QUERIES_MAX + 2) % 7]);
  t.is(asked.count, ASKED_QUERIES_MAX + 3);
});

test('rows joined are the rows of one hashing', (t) => {
  const texts = ['a heron wades', '', 'the kite', 'a wren sings at dawn'];
  const whole = hashTexts(texts, 64);
  t.deepEqual(joinRows([selectRows(whole, [0, 1]), selectRows(whole, [2, 3])], 64), whole);
  t.deepEqual(joinRows([], 64), hashTexts([], 64));
});

test('two queries have one key exactly when they have the same words', (t) => {
  const rows = hashTexts(['heron wades', 'wades heron', 'heron', 'heron heron'], 8192);
  const keys = Array.from({ length: rows.rows }, (_, row) => queryKey(rows, row));
  t.is(keys[0], keys[1]);
  t.not(keys[0], keys[2]);
});
