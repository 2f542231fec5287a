import type { VectorTable } from '../memory/vector-table.ts';
import type { VectorType } from '../vector-index.ts';
import type { Section } from './section-file.ts';
import type { StoredIndex } from './stored-index.ts';

/** The bytes of a typed array that nothing else changes. */
export function ownedSection(
  name: string,
  values: Float32Array | Int32Array | Uint8Array,
): Section {
  return { name, bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) };
}

/** The field of a header that names the vector type; float32 files are as they always were. */
export function typeField(vectorType: VectorType): { readonly vectorType?: VectorType } {
  return vectorType === 'f32' ? {} : { vectorType };
}

/** A table as the sections `vectors`, `ids` and `free-slots`. */
export function encodeTable(table: VectorTable): Section[] {
  const ids = Array.from({ length: table.slotCount }, (_, slot) => table.idOf(slot) ?? null);
  return [
    ownedSection('vectors', table.copyRows()),
    { name: 'ids', bytes: new Uint8Array(Buffer.from(JSON.stringify(ids))) },
    ownedSection('free-slots', Int32Array.from(table.freeSlots())),
  ];
}

/**
 * Fills an empty table from its sections.
 *
 * @throws IndexError `corrupt-file`
 */
export function decodeTable(stored: StoredIndex, table: VectorTable): void {
  const ids = stored.idSection('ids');
  const freeSlots = stored.int32Section('free-slots', 0, ids.length - 1);
  const isBytes = table.vectorType === 'u8';
  const vectors = isBytes ? stored.uint8Section('vectors') : stored.float32Section('vectors');
  const names = ids.filter((id) => id !== null);
  stored.require(vectors.length === ids.length * table.dimension, 'rows and ids differ in number');
  stored.require(isBytes || vectors.every(Number.isFinite), 'a component is not finite');
  stored.require(new Set(names).size === names.length, 'an id stands twice');
  stored.require(names.length <= table.maxElements, 'it holds more rows than maxElements');
  stored.require(
    new Set(freeSlots).size === freeSlots.length &&
      freeSlots.length === ids.length - names.length &&
      freeSlots.every((slot) => ids[slot] === null),
    'free slots and ids disagree',
  );
  table.restore(ids, freeSlots, vectors);
}
