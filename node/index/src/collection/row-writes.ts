import { IndexError } from '../index-error.ts';
import type { CheckedRows } from './check-rows.ts';
import type { CollectionCore } from './collection-core.ts';
import { FRAME_HEAD_BYTES } from './frame.ts';
import { decodeUpsert, encodeDelete, encodeUpsert } from './log-record.ts';
import type { PendingWrite } from './write-queue.ts';

/** A write of rows; rows with a present id replace it, or refuse the whole write. */
export function upsertWrite(
  core: CollectionCore,
  rows: CheckedRows,
  present: 'replace' | 'refuse',
): PendingWrite {
  const { dimension, vectorType } = core.options;
  const record = encodeUpsert(rows, vectorType);
  const ids = new Set(rows.ids);
  const write: PendingWrite = {
    record,
    effectOn: (id) => (ids.has(id) ? 'present' : 'unchanged'),
    // What is applied is what was logged, not what the caller's arrays have become.
    apply: () => core.segments.upsert(decodeUpsert(record.subarray(FRAME_HEAD_BYTES), dimension)),
  };
  if (present === 'replace') return write;
  return { ...write, admit: (earlier) => refusePresent(core, rows.ids, earlier) };
}

/** A write that removes rows, and how many were there once it is applied. */
export function deleteWrite(
  core: CollectionCore,
  ids: readonly string[],
): { readonly write: PendingWrite; readonly deletedCount: () => number } {
  const known = new Set(ids);
  let deleted = 0;
  const write: PendingWrite = {
    record: encodeDelete(checkedIds(ids)),
    effectOn: (id) => (known.has(id) ? 'absent' : 'unchanged'),
    apply: async () => {
      deleted = await core.segments.delete([...known]);
    },
  };
  return { write, deletedCount: () => deleted };
}

function refusePresent(
  core: CollectionCore,
  ids: readonly string[],
  earlier: readonly PendingWrite[],
): void {
  for (const id of ids) {
    const effects = earlier.map((write) => write.effectOn(id));
    const last = effects.findLast((effect) => effect !== 'unchanged');
    const isPresent =
      last === undefined ? core.segments.find(id) !== undefined : last === 'present';
    if (!isPresent) continue;
    const message = `id '${id}' is present; use upsert to replace it, nothing was written`;
    throw new IndexError('duplicate-id', message);
  }
}

function checkedIds(ids: readonly string[]): readonly string[] {
  const wrong = ids.findIndex((id) => typeof id !== 'string');
  if (wrong < 0) return ids;
  throw new IndexError('invalid-id', `id ${wrong} is no string; nothing was deleted`);
}
