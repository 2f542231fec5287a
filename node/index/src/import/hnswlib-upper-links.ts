// The links of the layers above the base, at the end of an hnswlib file. We build our own graph
// from the vectors, so they are read only to know that the file is whole.

import { HNSWLIB_LINK_BYTES, type HnswlibHeader } from './hnswlib-header.ts';
import type { ImportFile } from './import-file.ts';

const WINDOW_BYTES = 1 << 20;
const SIZE_BYTES = 4;

/**
 * Walks over the upper links and checks sizes, counts, targets, the top layer and that the file
 * ends with them.
 *
 * @throws IndexError `corrupt-file`
 */
export async function checkUpperLinks(file: ImportFile, header: HnswlibHeader): Promise<void> {
  const { elements, entryElement, layerBytes, layers, upperStart } = header;
  const bytes = new ForwardReader(file, upperStart);
  for (let element = 0; element < elements; element++) {
    const start = bytes.position;
    const size = (await bytes.next(SIZE_BYTES, element)).readUInt32LE();
    const levels = size / layerBytes;
    if (!Number.isInteger(levels) || levels >= layers) {
      const what = `the links of element ${element} take ${size} bytes`;
      throw file.corrupt(start, `${what}, that is not ${layerBytes} for each of its layers`);
    }
    if (element === entryElement && levels !== layers - 1) {
      throw file.corrupt(start, `the entry point ${element} is not on the top layer`);
    }
    for (let level = 1; level <= levels; level++) {
      const position = bytes.position;
      const links = await bytes.next(layerBytes, element);
      const problem = linkProblem(links, 0, links.readUInt32LE(), header.m, elements);
      if (problem !== undefined) {
        throw file.corrupt(position, `element ${element} ${problem} on layer ${level}`);
      }
    }
  }
  if (bytes.position === file.sizeBytes) return;
  throw file.corrupt(bytes.position, `${file.sizeBytes - bytes.position} bytes follow the links`);
}

/** What is wrong with a list of links, whose targets stand behind its count at `start`. */
export function linkProblem(
  bytes: Buffer,
  start: number,
  count: number,
  degreeMax: number,
  elements: number,
): string | undefined {
  if (count > degreeMax) return `has ${count} links, more than ${degreeMax},`;
  for (let link = 1; link <= count; link++) {
    const target = bytes.readUInt32LE(start + HNSWLIB_LINK_BYTES * link);
    if (target >= elements) return `links to ${target} of ${elements} elements`;
  }
  return undefined;
}

/** Reads a file from front to back in small pieces by few large reads. */
class ForwardReader {
  readonly #file: ImportFile;
  #window: Buffer = Buffer.alloc(0);
  #windowStart: number;
  #offset = 0;

  constructor(file: ImportFile, start: number) {
    this.#file = file;
    this.#windowStart = start;
  }

  get position(): number {
    return this.#windowStart + this.#offset;
  }

  async next(lengthBytes: number, element: number): Promise<Buffer> {
    if (this.#offset + lengthBytes > this.#window.length) {
      const start = this.position;
      const left = this.#file.sizeBytes - start;
      const wanted = Math.max(lengthBytes, Math.min(WINDOW_BYTES, left));
      this.#window = await this.#file.read(start, wanted, `the links of element ${element}`);
      this.#windowStart = start;
      this.#offset = 0;
    }
    this.#offset += lengthBytes;
    return this.#window.subarray(this.#offset - lengthBytes, this.#offset);
  }
}
