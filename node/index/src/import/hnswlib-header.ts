// The file that hnswlib 0.5 to 0.8 writes (https://github.com/nmslib/hnswlib, `saveIndex`), from a
// 64-bit little-endian machine: 96 bytes of parameters; per element its base links, vector and
// label; per element the size and content of its links on the layers above. The metric is not in
// the file.

import { IndexError } from '../index-error.ts';
import { INDEX_LIMITS } from '../index-limits.ts';
import type { ImportFile } from './import-file.ts';

/** What an hnswlib file says about its graph. */
export interface HnswlibParameters {
  readonly dimension: number;
  /** Elements in the file, those marked as deleted included. */
  readonly elements: number;
  readonly maxElements: number;
  readonly m: number;
  readonly efConstruction: number;
  /** Layers, the base layer included; 0 when there is no element. */
  readonly layers: number;
}

export interface HnswlibHeader extends HnswlibParameters {
  /** Bytes of one element: links, vector, label. */
  readonly elementBytes: number;
  readonly vectorOffset: number;
  readonly labelOffset: number;
  /** Links that an element may have on the base layer. */
  readonly baseDegreeMax: number;
  /** Bytes of an element's links on one layer above. */
  readonly layerBytes: number;
  readonly entryElement: number;
  /** Where the links of the layers above begin. */
  readonly upperStart: number;
}

export const HNSWLIB_HEADER_BYTES = 96;
export const HNSWLIB_LINK_BYTES = 4;

const COMPONENT_BYTES = 4;
const LABEL_BYTES = 8;
const NO_ELEMENT = 0xffff_ffff;
// Levels are drawn from a geometric distribution; 64 would need more elements than there are.
const LAYERS_MAX = 64;
// The count of links has 16 bits; the other 16 hold the mark of a deleted element.
const DEGREE_MAX = 0xffff;

/**
 * Reads the parameters and checks that they agree with each other and with the size of the file.
 *
 * @throws IndexError `corrupt-file`, `limit-exceeded`
 */
export async function readHnswlibHeader(file: ImportFile): Promise<HnswlibHeader> {
  const bytes = await file.read(0, HNSWLIB_HEADER_BYTES, 'the header of an hnswlib file');
  const fields = readFields(bytes);
  checkFields(file, fields);
  const { efConstruction, elements, labelOffset, maxElements, vectorOffset } = fields;
  const { baseDegreeMax, elementBytes, entryElement, m, topLevel } = fields;
  const dimension = (labelOffset - vectorOffset) / COMPONENT_BYTES;
  if (dimension > INDEX_LIMITS.dimensionMax) {
    throw new IndexError(
      'limit-exceeded',
      `${file.path}: its dimension ${dimension} violates dimension <= dimensionMax = ` +
        `${INDEX_LIMITS.dimensionMax}; is it an hnswlib file?`,
    );
  }
  return {
    ...{ dimension, elements, maxElements, m, efConstruction, layers: topLevel + 1 },
    ...{ elementBytes, vectorOffset, labelOffset, baseDegreeMax, entryElement },
    layerBytes: HNSWLIB_LINK_BYTES * (m + 1),
    upperStart: HNSWLIB_HEADER_BYTES + elements * elementBytes,
  };
}

type Fields = ReturnType<typeof readFields>;

function readFields(bytes: Buffer) {
  const size = (offset: number) => Number(bytes.readBigUInt64LE(offset));
  return {
    baseOffset: size(0),
    maxElements: size(8),
    elements: size(16),
    elementBytes: size(24),
    labelOffset: size(32),
    vectorOffset: size(40),
    topLevel: bytes.readInt32LE(48),
    entryElement: bytes.readUInt32LE(52),
    degreeMax: size(56),
    baseDegreeMax: size(64),
    m: size(72),
    levelFactor: bytes.readDoubleLE(80),
    efConstruction: size(88),
  };
}

function checkFields(file: ImportFile, fields: Fields): void {
  const { baseDegreeMax, degreeMax, elementBytes, elements, entryElement, labelOffset } = fields;
  const { efConstruction, levelFactor, m, maxElements, topLevel, vectorOffset } = fields;
  const isEmpty = elements === 0;
  const vectorBytes = labelOffset - vectorOffset;
  const entryIsSound = isEmpty ? entryElement === NO_ELEMENT : entryElement < elements;
  const checks: [boolean, number, string][] = [
    [fields.baseOffset === 0, 0, `offsetLevel0 = ${fields.baseOffset} is not 0`],
    [elements <= maxElements, 16, `cur_element_count = ${elements} > max_elements`],
    [elements < NO_ELEMENT, 16, `cur_element_count = ${elements} does not fit its links`],
    [m >= 1 && degreeMax === m, 56, `maxM = ${degreeMax} is not M = ${m}`],
    [baseDegreeMax === 2 * m, 64, `maxM0 = ${baseDegreeMax} is not 2 · M for M = ${m}`],
    [baseDegreeMax <= DEGREE_MAX, 64, `maxM0 = ${baseDegreeMax} > ${DEGREE_MAX}`],
    [
      vectorOffset === HNSWLIB_LINK_BYTES * (baseDegreeMax + 1),
      40,
      'offsetData is not after maxM0',
    ],
    [vectorBytes > 0, 32, `label_offset = ${labelOffset} leaves no room for a vector`],
    [vectorBytes % COMPONENT_BYTES === 0, 32, 'its vectors are no whole float32 components'],
    [
      elementBytes === labelOffset + LABEL_BYTES,
      24,
      'size_data_per_element is not after the label',
    ],
    [isEmpty ? topLevel === -1 : topLevel >= 0, 48, `maxlevel = ${topLevel}`],
    [topLevel < LAYERS_MAX, 48, `maxlevel = ${topLevel} > ${LAYERS_MAX - 1}`],
    [entryIsSound, 52, `enterpoint_node = ${entryElement} of ${elements} elements`],
    [levelFactor > 0, 80, `mult = ${levelFactor} is not positive`],
    [efConstruction >= m, 88, `ef_construction = ${efConstruction} < M = ${m}`],
    [
      HNSWLIB_HEADER_BYTES + elements * elementBytes <= file.sizeBytes,
      16,
      `${elements} elements of ${elementBytes} bytes do not fit into ${file.sizeBytes} bytes`,
    ],
  ];
  const broken = checks.find(([holds]) => !holds);
  if (broken === undefined) return;
  const [, offset, what] = broken;
  throw file.corrupt(offset, `${what}, as hnswlib writes it for float32 on 64 bits`);
}
