import test from 'ava';
import { checkRows } from './check-rows.ts';
import { checkCollectionOptions } from './collection-options.ts';
import { FRAME_HEAD_BYTES } from './frame.ts';
import { decodeUpsert, encodeUpsert } from './log-record.ts';

const BYTES = Uint8Array.of(0, 128, 255, 1, 2, 3);
const rowsOfBytes = [
  { ids: ['a', 'b'], vectors: BYTES },
  [
    { id: 'a', vector: BYTES.subarray(0, 3) },
    { id: 'b', vector: BYTES.subarray(3) },
  ],
] as const;

for (const [vectorType, size] of [
  ['u8', 6],
  ['f32', 24],
] as const) {
  test(`bytes of rows go through the log of ${vectorType} in ${size} bytes`, (t) => {
    const options = checkCollectionOptions({ dimension: 3, metric: 'euclidean', vectorType });
    for (const rows of rowsOfBytes) {
      const checked = checkRows(rows, options);
      t.true(checked.vectors instanceof Uint8Array);
      const record = encodeUpsert(checked, vectorType);
      const { ids, vectors } = decodeUpsert(record.subarray(FRAME_HEAD_BYTES), 3);
      t.deepEqual(ids, ['a', 'b']);
      t.is(vectors.byteLength, size);
      t.deepEqual([...vectors], [...BYTES]);
    }
  });
}
