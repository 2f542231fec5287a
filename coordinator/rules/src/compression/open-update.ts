// The server's side of compressed updates: a reply that carries one becomes a reply with weights, so
// that strategies never see the difference.

import {
  type Checked,
  carriedBytes,
  checked,
  decompressUpdate,
  type RecordDict,
  refused,
  UPDATE_ARRAY,
} from '@starling/shared';

/**
 * The content with `arrays.model` = base + update in place of `arrays['model-update']`; as it is when
 * it carries none. The bytes may come from anyone, so what is wrong with them is a value.
 */
export function openUpdate(content: RecordDict, base: Float32Array): Checked<RecordDict> {
  const { [UPDATE_ARRAY]: carried, ...arrays } = content.arrays;
  if (carried === undefined) return checked(content);
  if (arrays['model'] !== undefined) {
    return refused('wrong-shape', `both model and ${UPDATE_ARRAY} in one reply`);
  }
  const bytes = carriedBytes(carried);
  if (!bytes.ok) return bytes;
  const update = decompressUpdate(bytes.value, base.length);
  if (!update.ok) return update;
  const model = update.value;
  for (let i = 0; i < model.length; i++) {
    model[i] = (base[i] as number) + (model[i] as number);
  }
  return checked({ ...content, arrays: { ...arrays, model } });
}
