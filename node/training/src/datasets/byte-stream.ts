// The bytes of a file one after another, unpacked on the way when the file is gzip (RFC 1952).

import { createReadStream } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { TrainingError } from '../training-error.ts';

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface OpenOptions extends ReadOptions {
  /** Whether a file that begins as gzip does is unpacked. True when left out. */
  readonly unpacks?: boolean;
}

const GZIP_MAGIC = [0x1f, 0x8b];
/** Deflate makes at most 1,032 bytes of one (RFC 1951: 258 bytes per two bits). */
const GZIP_RATIO_MAX = 1032;
const PIECE_BYTES = 1 << 18;

/**
 * Invariant: what a file says about its own size is held against its size on disk before memory is
 * taken for it.
 */
export class ByteStream implements AsyncDisposable {
  readonly path: string;
  /** Most bytes that can come out. */
  readonly bytesMax: number;
  readonly #pieces: AsyncIterator<Buffer>;
  readonly #signal: AbortSignal | undefined;
  #piece: Uint8Array = new Uint8Array();
  #position = 0;

  private constructor(
    path: string,
    bytesMax: number,
    pieces: AsyncIterator<Buffer>,
    signal?: AbortSignal,
  ) {
    this.path = path;
    this.bytesMax = bytesMax;
    this.#pieces = pieces;
    this.#signal = signal;
  }

  /** @throws TrainingError `missing-file`, `storage-failed`, `unsupported-format`, `aborted` */
  static async open(path: string, options: OpenOptions = {}): Promise<ByteStream> {
    const { signal, unpacks = true } = options;
    throwIfAborted(path, signal);
    const { sizeBytes, isGzip } = await inspected(path);
    const isPacked = isGzip && unpacks;
    const pieces = isPacked ? unpacked(path) : plain(path);
    const bytesMax = isPacked ? sizeBytes * GZIP_RATIO_MAX : sizeBytes;
    return new ByteStream(path, bytesMax, pieces, signal);
  }

  /** Bytes that were taken, counted after unpacking. */
  get position(): number {
    return this.#position;
  }

  /** The next bytes, as many as come at once; `undefined` at the end. */
  async next(): Promise<Uint8Array | undefined> {
    await this.#fill();
    if (this.#piece.length === 0) return undefined;
    return this.#cut(this.#piece.length);
  }

  /**
   * Fills `into` with the next bytes.
   *
   * @param what - names them in a refusal
   * @throws TrainingError `corrupt-file` when the file ends before
   */
  async read(into: Uint8Array, what: string): Promise<void> {
    const start = this.#position;
    for (let done = 0; done < into.length; ) {
      await this.#fill();
      if (this.#piece.length === 0) {
        throw this.corrupt(
          start,
          `${what} needs ${into.length} bytes, the file ends after ${done}`,
        );
      }
      const part = this.#cut(Math.min(this.#piece.length, into.length - done));
      into.set(part, done);
      done += part.length;
    }
  }

  /** The error for a file whose content contradicts its format. */
  corrupt(offsetBytes: number, what: string, cause?: unknown): TrainingError {
    const message = `${this.path}, byte ${offsetBytes}: ${what}; copy the file again`;
    return new TrainingError('corrupt-file', message, { cause });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pieces.return?.();
  }

  #cut(lengthBytes: number): Uint8Array {
    const part = this.#piece.subarray(0, lengthBytes);
    this.#piece = this.#piece.subarray(lengthBytes);
    this.#position += lengthBytes;
    return part;
  }

  async #fill(): Promise<void> {
    while (this.#piece.length === 0) {
      throwIfAborted(this.path, this.#signal);
      const { done, value } = await this.#pull();
      if (done) return;
      this.#piece = value;
    }
  }

  async #pull(): Promise<IteratorResult<Buffer>> {
    try {
      return await this.#pieces.next();
    } catch (cause) {
      const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
      if (!code.startsWith('Z_')) throw storageFailed(this.path, this.#position, cause);
      const words = cause instanceof Error ? cause.message : code;
      throw this.corrupt(this.#position, `gzip data does not unpack further (${words})`, cause);
    }
  }
}

function plain(path: string): AsyncIterator<Buffer> {
  return createReadStream(path, { highWaterMark: PIECE_BYTES })[Symbol.asyncIterator]();
}

async function* unpacked(path: string): AsyncGenerator<Buffer, void, undefined> {
  const source = createReadStream(path, { highWaterMark: PIECE_BYTES });
  const unpacking = createGunzip({ chunkSize: PIECE_BYTES });
  const ended = pipeline(source, unpacking);
  // The iterator below rejects with the same failure.
  ended.catch(() => {});
  yield* unpacking;
}

async function inspected(path: string) {
  let handle: FileHandle | undefined;
  try {
    const stats = await stat(path);
    if (!stats.isFile()) {
      throw new TrainingError('unsupported-format', `${path} is no regular file; name one`);
    }
    handle = await open(path, 'r');
    const { buffer } = await handle.read(Buffer.alloc(GZIP_MAGIC.length), 0, GZIP_MAGIC.length, 0);
    const isGzip = GZIP_MAGIC.every((byte, i) => buffer[i] === byte);
    return { sizeBytes: stats.size, isGzip };
  } catch (cause) {
    if (cause instanceof TrainingError) throw cause;
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') {
      throw new TrainingError('missing-file', `${path} is not there; check the path`, { cause });
    }
    throw storageFailed(path, 0, cause);
  } finally {
    await handle?.close();
  }
}

function storageFailed(path: string, offsetBytes: number, cause: unknown): TrainingError {
  const message = `could not read ${path} at byte ${offsetBytes}; check the disk and its rights`;
  return new TrainingError('storage-failed', message, { cause });
}

function throwIfAborted(path: string, signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  const message = `reading ${path} was aborted`;
  throw new TrainingError('aborted', message, { cause: signal.reason });
}
