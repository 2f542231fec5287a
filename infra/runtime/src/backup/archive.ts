// Files one after the other: a line of JSON with name and size, then the bytes. Names are those that a
// site folder has, so that an archive cannot write anywhere else.

import { createReadStream } from 'node:fs';
import { mkdir, open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from '@starling/shared';

export interface ArchiveFile {
  /** With `/`, from the folder. */
  readonly name: string;
  /** Where it lies now. */
  readonly path: string;
}

const LINE_BYTES_MAX = 1024;
const NEWLINE = 0x0a;
const NAME =
  /^(config\.json|[a-z-]+(\.next)?\.key|signed-rosters\.json|http-tokens\.json|app-initial\.f32|(peer|events|marks)\.sqlite|payloads\/[0-9a-f]{64}\.(payload|leaves))$/;

const lineSchema = z.strictObject({
  name: z.string().regex(NAME, 'a file that a site folder has'),
  size: z.int().min(0),
});

export function isArchived(name: string): boolean {
  return NAME.test(name);
}

/** Files that vanish before their turn are left out; what is written meanwhile is not looked at. */
export async function* packFiles(files: readonly ArchiveFile[]): AsyncIterable<Uint8Array> {
  for (const { name, path } of files) {
    const size = await stat(path).then(
      (found) => found.size,
      () => undefined,
    );
    if (size === undefined) continue;
    yield Buffer.from(`${JSON.stringify({ name, size })}\n`);
    if (size === 0) continue;
    let sent = 0;
    for await (const chunk of createReadStream(path, { end: size - 1 })) {
      sent += (chunk as Buffer).byteLength;
      yield chunk as Buffer;
    }
    if (sent !== size) throw new Error(`${path} became shorter while it was read: try again`);
  }
}

/**
 * Writes the files of an archive into a folder, each readable by its owner only.
 * @throws {TypeError} for what {@link packFiles} did not write
 * @returns how many
 */
export async function unpackFiles(
  chunks: AsyncIterable<Uint8Array>,
  folder: string,
): Promise<number> {
  const reader = new ByteReader(chunks);
  let files = 0;
  while (true) {
    const line = await reader.line();
    if (line === undefined) return files;
    const { name, size } = lineSchema.parse(JSON.parse(line));
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await using file = await open(path, 'wx', 0o600);
    for await (const piece of reader.bytes(size)) await file.writeFile(piece);
    await file.sync();
    files++;
  }
}

class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Undefined at the end. */
  async line(): Promise<string | undefined> {
    let end = this.#rest.indexOf(NEWLINE);
    while (end < 0 && this.#rest.byteLength < LINE_BYTES_MAX && (await this.#more())) {
      end = this.#rest.indexOf(NEWLINE);
    }
    if (end < 0 && this.#rest.byteLength === 0) return undefined;
    if (end < 0 || end > LINE_BYTES_MAX) throw new TypeError('it names no file where it should');
    const line = this.#rest.toString('utf8', 0, end);
    this.#rest = this.#rest.subarray(end + 1);
    return line;
  }

  async *bytes(count: number): AsyncIterable<Uint8Array> {
    let left = count;
    while (left > 0) {
      if (this.#rest.byteLength === 0 && !(await this.#more())) {
        throw new TypeError('it ends in the middle of a file');
      }
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.byteLength);
      left -= piece.byteLength;
      yield piece;
    }
  }

  async #more(): Promise<boolean> {
    const next = await this.#chunks.next();
    if (next.done === true) return false;
    this.#rest = Buffer.concat([this.#rest, next.value]);
    return true;
  }
}
