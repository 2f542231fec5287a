import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { IndexError } from '../index-error.ts';
import type { ImportOptions } from './vector-batch.ts';

/**
 * A file that somebody else wrote, read in exact pieces.
 *
 * Invariant: a piece is allocated only after it was found to lie within the size of the file, so
 * no number in a file decides how much memory is taken.
 */
export class ImportFile implements AsyncDisposable {
  readonly path: string;
  readonly sizeBytes: number;
  readonly #handle: FileHandle;
  readonly #options: ImportOptions;

  private constructor(path: string, sizeBytes: number, handle: FileHandle, options: ImportOptions) {
    this.path = path;
    this.sizeBytes = sizeBytes;
    this.#handle = handle;
    this.#options = options;
  }

  /** @throws IndexError `missing-file`, `storage-failed`, `unsupported-format` */
  static async open(path: string, options: ImportOptions): Promise<ImportFile> {
    options.signal?.throwIfAborted();
    let handle: FileHandle | undefined;
    try {
      handle = await open(path, 'r');
      const stats = await handle.stat();
      if (!stats.isFile()) {
        throw new IndexError('unsupported-format', `${path} is no regular file; name one`);
      }
      return new ImportFile(path, stats.size, handle, options);
    } catch (cause) {
      await handle?.close();
      if (cause instanceof IndexError) throw cause;
      if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') {
        throw new IndexError('missing-file', `${path} is not there; check the path`, { cause });
      }
      throw new IndexError('storage-failed', `could not open ${path}; check its rights`, { cause });
    }
  }

  /**
   * Reads bytes `[position, position + lengthBytes)`.
   *
   * @param what - names the piece in a refusal
   * @throws IndexError `corrupt-file` when the file ends before, `storage-failed`
   */
  async read(position: number, lengthBytes: number, what: string): Promise<Buffer<ArrayBuffer>> {
    if (position + lengthBytes > this.sizeBytes) this.#endsWithin(what, position, lengthBytes);
    const bytes = Buffer.from(new ArrayBuffer(lengthBytes));
    for (let done = 0; done < lengthBytes; ) {
      this.#options.signal?.throwIfAborted();
      const bytesRead = await this.#readOnce(bytes, done, position + done);
      // Somebody shortened the file while it was read.
      if (bytesRead === 0) this.#endsWithin(what, position, lengthBytes);
      done += bytesRead;
    }
    return bytes;
  }

  /** The error for a file whose content contradicts its format. */
  corrupt(offsetBytes: number, what: string): IndexError {
    return new IndexError(
      'corrupt-file',
      `${this.path}, byte ${offsetBytes}: ${what}; write or copy the file again`,
    );
  }

  /** Tells the caller how far the import is. */
  report(rows: number, bytes: number): void {
    this.#options.onProgress?.({ rows, bytes, totalBytes: this.sizeBytes });
    this.#options.signal?.throwIfAborted();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }

  async #readOnce(bytes: Buffer, offset: number, position: number): Promise<number> {
    try {
      const wanted = Math.min(READ_BYTES_MAX, bytes.length - offset);
      return (await this.#handle.read(bytes, offset, wanted, position)).bytesRead;
    } catch (cause) {
      throw new IndexError(
        'storage-failed',
        `could not read ${this.path} at byte ${position}; check the disk`,
        { cause },
      );
    }
  }

  #endsWithin(what: string, position: number, lengthBytes: number): never {
    const needed = `${what} needs ${lengthBytes} bytes, the file has ${this.sizeBytes}`;
    throw this.corrupt(position, needed);
  }
}

// One read call returns 2 GiB at most; smaller pieces notice an abort sooner.
const READ_BYTES_MAX = 1 << 24;
