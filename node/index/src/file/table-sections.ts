import { checkMetric } from '../check-input.ts';
import { checkCodecType, learnsFromRows } from '../codec/create-codec.ts';
import { freeComponentBytes, isPermutation } from '../codec/dimension-order.ts';
import type { RowSettings } from '../codec/row-options.ts';
import { rowSettingsOf } from '../codec/row-options.ts';
import { IndexError } from '../index-error.ts';
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
  const { dimension, maxElements, metric, rows, slotCount, vectorType } = table;
  const { seed } = rows.options;
  const { startBytes } = rows.order ?? {};
  return {
    ...{ dimension, metric, maxElements, ...typeField(vectorType), slotCount },
    ...rowSettingsOf(rows.options),
    ...(seed === undefined ? {} : { seed }),
    ...(startBytes === undefined ? {} : { startBytes }),
    ...(learnsFromRows(rows.options) ? { isTrained: rows.isTrained } : {}),
  };
}

/**
 * A table as the sections `rows`, `exact-rows`, `learned` and `components` where there are such,
 * and `ids`.
 */
export function encodeTable(table: VectorTable): Section[] {
  const { rows, slotCount } = table;
  const { learned } = rows.codec.parameters();
  const sections = [...rowPlaces(table, slotCount)].map(([name, bytes]) =>
    copiedSection(name, bytes),
  );
  if (rows.isTrained && learned.length > 0) {
    sections.push({ name: 'learned', bytes: new Uint8Array(learned.buffer) });
  }
  if (rows.order !== undefined) sections.push(copiedSection('components', rows.order.components));
  return [...sections, { name: 'ids', bytes: table.ids.records(slotCount) }];
}

/** The options of a stored table. */
export function decodeTableOptions(stored: StoredIndex): TableOptions {
  const metric = stored.text('metric');
  checkMetric(metric);
  const vectorType = stored.vectorType();
  checkCodecType(vectorType, metric);
  const dimension = stored.integer('dimension');
  const maxElements = stored.integer('maxElements');
  const seed = stored.optional('seed', 'number');
  return {
    ...{ dimension, metric, vectorType, maxElements, ...decodeRowSettings(stored) },
    ...(seed === undefined ? {} : { seed }),
  };
}

/** The options of stored rows that a header names when the caller did. */
export function decodeRowSettings(stored: StoredIndex): RowSettings {
  const queryBits = stored.optional('queryBits', 'number');
  stored.require(queryBits === undefined || queryBits === 4 || queryBits === 8, 'odd queryBits');
  return rowSettingsOf({
    ...given('subspaces', stored.optional('subspaces', 'number')),
    ...given('clippedShare', stored.optional('clippedShare', 'number')),
    ...(queryBits === 4 || queryBits === 8 ? { queryBits } : {}),
    ...given('keepsExactRows', stored.optional('keepsExactRows', 'boolean')),
    ...given('rerank', stored.optional('rerank', 'number')),
    ...given('trainingRows', stored.optional('trainingRows', 'number')),
  });
}

function given<Name extends string, Value>(name: Name, value: Value | undefined) {
  return value === undefined ? {} : ({ [name]: value } as Record<Name, Value>);
}

/** The number of slots of a stored table, which must fit in some memory. */
export function decodeSlotCount(stored: StoredIndex): number {
  const slotCount = stored.integer('slotCount');
  stored.require(slotCount >= 0 && slotCount < 2 ** 24, `it has ${slotCount} slots`);
  return slotCount;
}

/** Where the rows of a stored table belong, by the names of their sections. */
export function rowPlaces(table: VectorTable, slotCount: number): Map<string, Uint8Array> {
  const { memory, rows } = table;
  const places = new Map([['rows', memory.rows.subarray(0, slotCount * table.rowBytes)]]);
  if (rows.exact === undefined) return places;
  return places.set('exact-rows', memory.exactRows.subarray(0, slotCount * rows.exactBytes));
}

/**
 * Completes a table whose rows were read to their place.
 *
 * @throws IndexError `corrupt-file`
 */
export function decodeTable(stored: StoredIndex, table: VectorTable, slotCount: number): void {
  stored.require(table.ids.restore(stored.uint8Section('ids'), slotCount), 'its ids are no ids');
  stored.require(table.size <= table.maxElements, 'it holds more rows than maxElements');
  for (const [name, { length }] of rowPlaces(table, slotCount)) {
    const isWhole = stored.uint8Section(name).length === length;
    stored.require(isWhole, `${name} and slots differ in number`);
  }
  table.memory.slotCount = slotCount;
  table.restoreFree();
  restoreLearned(stored, table);
  restoreOrder(stored, table);
  checkRows(stored, table);
}

function restoreLearned(stored: StoredIndex, table: VectorTable): void {
  const { exact, isTrained } = table.rows;
  if (stored.optional('isTrained', 'boolean') !== true) {
    const hasRows = isTrained || exact !== undefined || table.size === 0;
    stored.require(hasRows, 'it has codes, and nothing was learned');
    return;
  }
  try {
    table.rows.restore(stored.float32Section('learned'));
  } catch (cause) {
    if (!(cause instanceof IndexError)) throw cause;
    stored.require(false, cause.message);
  }
}

function restoreOrder(stored: StoredIndex, table: VectorTable): void {
  const startBytes = stored.optional('startBytes', 'number');
  const isWhole = stored.hasSection('components') === (startBytes !== undefined);
  stored.require(isWhole, 'startBytes and components go together, and one is missing');
  if (startBytes === undefined) return;
  const { dimension, rowBytes, rows } = table;
  const components = stored.int32Section('components', 0, dimension - 1);
  const isFree = freeComponentBytes(rows.options) !== undefined;
  stored.require(isFree, 'its vector type or metric knows no order of components');
  const isStart = Number.isInteger(startBytes) && startBytes > 0 && startBytes <= rowBytes;
  stored.require(isStart, `startBytes is ${startBytes}, of rows of ${rowBytes} bytes`);
  const isOrder = components.length === dimension && isPermutation(components);
  stored.require(isOrder, 'its order of components does not name each of them once');
  table.arrange({ components, startBytes });
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
    const row = vectors.slice(slot * dimension, (slot + 1) * dimension);
    const place = slot * table.rowBytes;
    table.ids.set(slot, id);
    table.memory.rows.set(new Uint8Array(row.buffer, row.byteOffset, row.byteLength), place);
  }
  table.restoreFree();
  checkRows(stored, table);
}

/** Refuses components that are no numbers, padding too; of codes beside exact rows, the latter. */
function checkRows(stored: StoredIndex, table: VectorTable): void {
  const { memory, rows, slotCount, vectorType } = table;
  if (vectorType === 'u8') return;
  if (rows.exact !== undefined) {
    checkFinite(stored, floatsOf(memory.exactRows.subarray(0, slotCount * rows.exactBytes)));
  } else if (vectorType === 'f32') {
    checkFinite(stored, floatsOf(memory.rows.subarray(0, slotCount * table.rowBytes)));
  } else {
    for (let slot = 0; slot < slotCount; slot++) checkFinite(stored, table.vectorOf(slot));
  }
}

function floatsOf({ buffer, byteLength, byteOffset }: Uint8Array): Float32Array {
  return new Float32Array(buffer, byteOffset, byteLength / 4);
}

function checkFinite(stored: StoredIndex, values: Float32Array): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (value - value !== 0) stored.require(false, 'a component is not finite');
  }
}
