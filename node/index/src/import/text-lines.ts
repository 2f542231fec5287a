import { IndexError } from '../index-error.ts';
import type { ImportFile } from './import-file.ts';
import { IMPORT_LIMITS } from './vector-batch.ts';

export interface TextLine {
  /** Counted from 1, as editors do. */
  readonly number: number;
  readonly startBytes: number;
  /** Where the next line begins. */
  readonly endBytes: number;
  /** Without the line feed. */
  readonly bytes: Buffer;
}

const PIECE_BYTES = 1 << 18;
const LINE_FEED = 0x0a;

/**
 * Streams the lines of a file; the last needs no line feed.
 *
 * @throws IndexError `limit-exceeded` for a line past `lineBytesMax`
 */
export async function* readLines(file: ImportFile): AsyncGenerator<TextLine, void, undefined> {
  let number = 1;
  let startBytes = 0;
  let pieces: Buffer[] = [];
  for (let position = 0; position < file.sizeBytes; position += PIECE_BYTES) {
    const lengthBytes = Math.min(PIECE_BYTES, file.sizeBytes - position);
    const piece = await file.read(position, lengthBytes, `line ${number}`);
    let from = 0;
    for (let end = piece.indexOf(LINE_FEED); end >= 0; end = piece.indexOf(LINE_FEED, from)) {
      const endBytes = position + end + 1;
      checkLength(file, number, startBytes, endBytes - 1);
      const bytes = Buffer.concat([...pieces, piece.subarray(from, end)]);
      yield { number, startBytes, endBytes, bytes };
      pieces = [];
      number++;
      startBytes = endBytes;
      from = end + 1;
    }
    pieces.push(piece.subarray(from));
    checkLength(file, number, startBytes, position + lengthBytes);
  }
  if (startBytes === file.sizeBytes) return;
  yield { number, startBytes, endBytes: file.sizeBytes, bytes: Buffer.concat(pieces) };
}

function checkLength(file: ImportFile, number: number, start: number, end: number): void {
  if (end - start <= IMPORT_LIMITS.lineBytesMax) return;
  throw new IndexError(
    'limit-exceeded',
    `${file.path}, line ${number}, byte ${start}: it is longer than lineBytesMax = ` +
      `${IMPORT_LIMITS.lineBytesMax} bytes; one line holds one row`,
  );
}
