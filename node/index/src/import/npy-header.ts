// The header of a .npy file, format versions 1.0 to 3.0
// (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html): magic, version, header
// length, then a Python dictionary literal with the keys descr, fortran_order and shape. The
// literal is parsed by the small grammar that such headers use; nothing is evaluated.

import { IndexError } from '../index-error.ts';
import { INDEX_LIMITS } from '../index-limits.ts';
import { COMPONENT_BYTES, type ComponentType, isComponentType } from './component-type.ts';
import type { ImportFile } from './import-file.ts';
import { type PythonValue, parsePythonLiteral } from './python-literal.ts';
import { IMPORT_LIMITS } from './vector-batch.ts';

export interface NpyHeader {
  readonly type: ComponentType;
  readonly isBigEndian: boolean;
  readonly rows: number;
  readonly dimension: number;
  /** Where the components begin. */
  readonly dataStart: number;
}

const MAGIC = '\x93NUMPY';
const PREAMBLE_BYTES = 8;

/**
 * Reads the header and checks that rows, dimension and the size of the file agree.
 *
 * @throws IndexError `corrupt-file`, `unsupported-format`, `limit-exceeded`
 */
export async function readNpyHeader(file: ImportFile): Promise<NpyHeader> {
  const preamble = await file.read(0, PREAMBLE_BYTES, 'the magic of a .npy file');
  if (preamble.toString('latin1', 0, MAGIC.length) !== MAGIC) {
    throw file.corrupt(0, 'a .npy file begins with \\x93NUMPY, this one does not');
  }
  const major = preamble[6] as number;
  if (major < 1 || major > 3 || preamble[7] !== 0) {
    const version = `${major}.${preamble[7]}`;
    throw unsupported(file, `format version ${version}`, 'save it with version 1.0, 2.0 or 3.0');
  }
  const lengthBytes = major === 1 ? 2 : 4;
  const length = await file.read(PREAMBLE_BYTES, lengthBytes, 'the header length');
  const headerBytes = length.readUIntLE(0, lengthBytes);
  if (headerBytes > IMPORT_LIMITS.npyHeaderBytesMax) {
    throw new IndexError(
      'limit-exceeded',
      `${file.path}, byte ${PREAMBLE_BYTES}: a header of ${headerBytes} bytes violates header <= ` +
        `npyHeaderBytesMax = ${IMPORT_LIMITS.npyHeaderBytesMax}; save a plain array`,
    );
  }
  const headerStart = PREAMBLE_BYTES + lengthBytes;
  const text = await file.read(headerStart, headerBytes, 'the header');
  const literal = parsePythonLiteral(text.toString(major === 3 ? 'utf8' : 'latin1'));
  if (!(literal instanceof Map)) throw file.corrupt(headerStart, 'the header is no dictionary');
  const dataStart = headerStart + headerBytes;
  return checkSize(file, { ...parseType(file, literal), ...parseShape(file, literal), dataStart });
}

function parseType(
  file: ImportFile,
  header: ReadonlyMap<string, PythonValue>,
): Pick<NpyHeader, 'type' | 'isBigEndian'> {
  const descr = header.get('descr');
  if (descr === undefined) throw file.corrupt(PREAMBLE_BYTES, 'the header lacks descr');
  const name = typeof descr === 'string' ? descr.slice(1) : '';
  const order = typeof descr === 'string' ? descr.slice(0, 1) : '';
  const isOrdered = order === '<' || order === '>' || order === '|';
  if (!isOrdered || !isComponentType(name) || (order === '|' && COMPONENT_BYTES[name] > 1)) {
    const shown = typeof descr === 'string' ? `'${descr}'` : 'a structure';
    throw unsupported(file, `components of type ${shown}`, "save array.astype('float32')");
  }
  return { type: name, isBigEndian: order === '>' };
}

function parseShape(
  file: ImportFile,
  header: ReadonlyMap<string, PythonValue>,
): Pick<NpyHeader, 'rows' | 'dimension'> {
  const shape = header.get('shape');
  const isFortran = header.get('fortran_order');
  if (!Array.isArray(shape) || typeof isFortran !== 'boolean') {
    throw file.corrupt(PREAMBLE_BYTES, 'the header lacks shape or fortran_order');
  }
  const [rows, dimension] = shape;
  if (shape.length !== 2 || typeof rows !== 'number' || typeof dimension !== 'number') {
    throw unsupported(file, `${shape.length} axes`, 'save an array of shape (rows, dimension)');
  }
  if (isFortran) {
    throw unsupported(file, 'columns one after the other', 'save numpy.ascontiguousarray(array)');
  }
  return { rows, dimension };
}

function checkSize(file: ImportFile, header: NpyHeader): NpyHeader {
  const { dataStart, dimension, rows, type } = header;
  if (dimension < 1) throw file.corrupt(PREAMBLE_BYTES, `its rows have ${dimension} components`);
  if (dimension > INDEX_LIMITS.dimensionMax) {
    throw new IndexError(
      'limit-exceeded',
      `${file.path}: its dimension ${dimension} violates dimension <= dimensionMax = ` +
        `${INDEX_LIMITS.dimensionMax}; is it (rows, dimension)?`,
    );
  }
  const expected = dataStart + rows * dimension * COMPONENT_BYTES[type];
  if (expected !== file.sizeBytes) {
    const shape = `${rows} rows of ${dimension} components of type ${type}`;
    throw file.corrupt(
      dataStart,
      `${shape} end at byte ${expected}, the file has ${file.sizeBytes}`,
    );
  }
  return header;
}

function unsupported(file: ImportFile, what: string, advice: string): IndexError {
  return new IndexError('unsupported-format', `${file.path} has ${what}; ${advice}`);
}
