import { checkMetric } from '../check-input.ts';
import type { Section } from '../file/section-file.ts';
import type { StoredIndex } from '../file/stored-index.ts';
import { copiedSection, decodeSlotCount, typeField } from '../file/table-sections.ts';
import { CoarseQuantizer } from './coarse-quantizer.ts';
import { InvertedLists } from './inverted-lists.ts';
import type { IvfState } from './ivf-index.ts';
import { checkIvfOptions, checkIvfVectorType, type IvfOptions, LISTS_MAX } from './ivf-options.ts';
import { NamedSlots } from './named-slots.ts';
import type { SourceRows } from './nearest-centroids.ts';

/** Lists as a header and sections: ids by slot; sizes of lists; slots and rows in their order. */
export function encodeLists(
  options: IvfOptions,
  { ids, lists, quantizer, trainedRows }: IvfState,
): { readonly head: Readonly<Record<string, unknown>>; readonly sections: Section[] } {
  const { vectorType, lists: wantedLists, ...rest } = options;
  const { slotCount } = ids;
  const sizes = Int32Array.from({ length: lists.lists }, (_, list) => lists.sizeOf(list));
  const slots = new Int32Array(ids.size);
  const vectors = rowsOf(vectorType, ids.size * options.dimension);
  let at = 0;
  for (let list = 0; list < lists.lists; list++) {
    for (const slot of lists.slotsOf(list)) {
      slots[at] = slot;
      vectors.set(lists.rowOf(slot), at++ * options.dimension);
    }
  }
  return {
    head: { kind: 'ivf', ...rest, ...typeField(vectorType), wantedLists, slotCount, trainedRows },
    sections: [
      copiedSection('vectors', vectors),
      { name: 'ids', bytes: ids.records() },
      copiedSection('free-slots', Int32Array.from(ids.freeSlots)),
      copiedSection('centroids', quantizer?.copyCentroids() ?? new Float32Array(0)),
      copiedSection('list-sizes', sizes),
      copiedSection('list-slots', slots),
    ],
  };
}

/**
 * Restores lists as they were, without training.
 *
 * @throws IndexError `corrupt-file`
 */
export function decodeLists(stored: StoredIndex): {
  readonly options: IvfOptions;
  readonly state: IvfState;
} {
  const options = decodeOptions(stored);
  const ids = decodeIds(stored, options);
  const trainedRows = stored.integer('trainedRows');
  const quantizer = decodeQuantizer(stored, options);
  stored.require(trainedRows >= (quantizer ? 1 : 0), 'trainedRows is too small');
  const sizes = stored.int32Section('list-sizes', 0, ids.size);
  stored.require(sizes.length === (quantizer?.lists ?? 1), 'lists and centroids differ in number');
  const lists = decodeRows(stored, options, ids, sizes);
  if (quantizer !== undefined) measureRadii(quantizer, lists);
  return { options, state: { ids, lists, quantizer, trainedRows } };
}

function decodeOptions(stored: StoredIndex): IvfOptions {
  const metric = stored.text('metric');
  checkMetric(metric);
  const vectorType = stored.vectorType();
  checkIvfVectorType(vectorType, metric);
  return checkIvfOptions({
    metric,
    vectorType,
    dimension: stored.integer('dimension'),
    lists: stored.integer('wantedLists'),
    probes: stored.integer('probes'),
    maxElements: stored.integer('maxElements'),
    seed: stored.integer('seed'),
  });
}

function decodeIds(stored: StoredIndex, { maxElements }: IvfOptions): NamedSlots {
  const slotCount = decodeSlotCount(stored);
  const freeSlots = stored.int32Section('free-slots', 0, slotCount - 1);
  const ids = new NamedSlots();
  stored.require(
    ids.restore(stored.uint8Section('ids'), slotCount, freeSlots),
    'ids and free slots do not fit together',
  );
  stored.require(ids.size <= maxElements, 'it holds more rows than maxElements');
  return ids;
}

function decodeQuantizer(
  stored: StoredIndex,
  { dimension, metric }: IvfOptions,
): CoarseQuantizer | undefined {
  const centroids = stored.float32Section('centroids');
  if (centroids.length === 0) return undefined;
  const lists = centroids.length / dimension;
  stored.require(Number.isInteger(lists) && lists <= LISTS_MAX, 'a centroid is cut');
  stored.require(centroids.every(Number.isFinite), 'a centroid is not finite');
  return new CoarseQuantizer(metric, dimension, centroids);
}

function decodeRows(
  stored: StoredIndex,
  options: IvfOptions,
  ids: NamedSlots,
  sizes: Int32Array,
): InvertedLists {
  const isBytes = options.vectorType === 'u8';
  const slots = stored.int32Section('list-slots', 0, ids.slotCount - 1);
  const vectors = isBytes ? stored.uint8Section('vectors') : stored.float32Section('vectors');
  stored.require(
    vectors.length === ids.size * options.dimension &&
      slots.length === ids.size &&
      sizes.reduce((sum, size) => sum + size, 0) === ids.size,
    'rows and ids differ in number',
  );
  stored.require(isBytes || vectors.every(Number.isFinite), 'a component is not finite');
  stored.require(new Set(slots).size === slots.length, 'a row is in two lists');
  stored.require(
    slots.every((slot) => ids.idOf(slot) !== undefined),
    'a list holds a free slot',
  );
  const lists = new InvertedLists(options, sizes);
  let at = 0;
  for (const [list, size] of sizes.entries()) {
    for (const end = at + size; at < end; at++) {
      lists.restore(list, slots[at] as number, vectors, at);
    }
  }
  return lists;
}

// A radius that is too small would hide rows, so none is taken from the file.
function measureRadii(quantizer: CoarseQuantizer, lists: InvertedLists): void {
  for (let list = 0; list < lists.lists; list++) {
    for (const slot of lists.slotsOf(list)) {
      quantizer.measure(lists.rowOf(slot), Int32Array.of(list));
    }
  }
}

function rowsOf(vectorType: string, length: number): SourceRows {
  return vectorType === 'u8' ? new Uint8Array(length) : new Float32Array(length);
}
