import { checkMetric, checkVectorType } from '../check-input.ts';
import type { TableOptions, VectorTable } from '../memory/vector-table.ts';
import type { VectorType } from '../vector-index.ts';
import type { Section } from './section-file.ts';
import type { StoredIndex } from './stored-index.ts';

/** A copy of the bytes of a typed array, as a section. */
export function copiedSection(
  name: string,
  values: Float32Array | Int32Array | Uint8Array,
): Section {
  const { buffer, byteLength, byteOffset } = values;
  return { name, bytes: new Uint8Array(buffer, byteOffset, byteLength).slice() };
}

/** The field of a header that names the vector type; headers of float32 go without. */
export function typeField(vectorType: VectorType): { readonly vectorType?: VectorType } {
  return vectorType === 'f32' ? {} : { vectorType };
}

/** The facts of a table that fit in a header. */
export function tableHead(table: VectorTable): Record<string, unknown> {
  const { dimension, maxElements, metric, slotCount, vectorType } = table;
  return { dimension, metric, maxElements, ...typeField(vectorType), slotCount };
}

/** A table as the sections `rows` and `ids`. */
export function encodeTable(table: VectorTable): Section[] {
  const { slotCount } = table;
  const bytes = table.memory.rows.subarray(0, slotCount * table.rowBytes);
  return [copiedSection('rows', bytes), { name: 'ids', bytes: table.ids.records(slotCount) }];
}

/** The options of a stored table. */
export function decodeTableOptions(stored: StoredIndex): TableOptions {
  const metric = stored.text('metric');
  checkMetric(metric);
  const vectorType = stored.vectorType();
  checkVectorType(vectorType, metric);
  const dimension = stored.integer('dimension');
  const maxElements = stored.integer('maxElements');
  return { dimension, metric, vectorType, maxElements };
}

/** The number of slots of a stored table, which must fit in some memory. */
export function decodeSlotCount(stored: StoredIndex): number {
  const slotCount = stored.integer('slotCount');
  stored.require(slotCount >= 0 && slotCount < 2 ** 24, `it has ${slotCount} slots`);
  return slotCount;
}

/** Where the rows of a stored table belong. */
export function rowsPlace(table: VectorTable, slotCount: number): Uint8Array {
  return table.memory.rows.subarray(0, slotCount * table.rowBytes);
}

/**
 * Completes a table whose rows were read to their place.
 *
 * @throws IndexError `corrupt-file`
 */
export function decodeTable(stored: StoredIndex, table: VectorTable, slotCount: number): void {
  stored.require(table.ids.restore(stored.uint8Section('ids'), slotCount), 'its ids are no ids');
  stored.require(table.size <= table.maxElements, 'it holds more rows than maxElements');
  stored.require(
    stored.uint8Section('rows').length === slotCount * table.rowBytes,
    'rows and slots differ in number',
  );
  table.memory.slotCount = slotCount;
  table.restoreFree();
  checkRows(stored, table);
}

/** Fills an empty table from the sections of version 1, which packed rows and listed ids. */
export function decodeTableV1(stored: StoredIndex, table: VectorTable): void {
  const ids = stored.idSection('ids');
  const freeSlots = stored.int32Section('free-slots', 0, ids.length - 1);
  const { dimension } = table;
  const isBytes = table.vectorType === 'u8';
  const vectors = isBytes ? stored.uint8Section('vectors') : stored.float32Section('vectors');
  const names = ids.filter((id) => id !== null);
  stored.require(vectors.length === ids.length * dimension, 'rows and ids differ in number');
  stored.require(new Set(names).size === names.length, 'an id stands twice');
  stored.require(names.length <= table.maxElements, 'it holds more rows than maxElements');
  stored.require(freeSlots.length === ids.length - names.length, 'free slots and ids disagree');
  table.memory.slotCount = ids.length;
  for (const [slot, id] of ids.entries()) {
    if (id === null) continue;
    table.ids.set(slot, id);
    table.componentsOf(slot).set(vectors.subarray(slot * dimension, (slot + 1) * dimension));
  }
  table.restoreFree();
  checkRows(stored, table);
}

/** Refuses components that are no numbers; padding counts. */
function checkRows(stored: StoredIndex, table: VectorTable): void {
  if (table.vectorType === 'u8') return;
  const { buffer, byteOffset } = table.memory.rows;
  const rows = new Float32Array(buffer, byteOffset, (table.slotCount * table.rowBytes) / 4);
  for (let i = 0; i < rows.length; i++) {
    const value = rows[i] as number;
    if (value - value !== 0) stored.require(false, 'a component is not finite');
  }
}
