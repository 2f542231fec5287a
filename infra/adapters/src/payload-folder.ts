// Payloads on disk, named by their root: `<root>.payload` is whole, `<root>.partial` holds the
// chunks that are there at their places, `<root>.leaves` is the manifest of either. Which chunks a partial
// file holds is never written down: on resume each is compared with its leaf.

import {
  type FileHandle,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import { join } from 'node:path';
import { payloadLeaves } from '@starling/crypto';
import { digestSchema, PayloadError, type PayloadRef } from '@starling/shared';
import {
  chunkCount,
  chunkRange,
  joinLeaves,
  type Leaves,
  splitLeaves,
} from './payload-protocol.ts';
import { flushFolder } from './sqlite-file.ts';

type Part = 'payload' | 'partial' | 'leaves';

export class PayloadFolder {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Makes the folder and removes what an interrupted offer left. */
  async open(): Promise<void> {
    await mkdir(this.#path, { recursive: true });
    for (const name of await readdir(this.#path)) {
      if (name.endsWith('.temporary')) await rm(join(this.#path, name), { force: true });
    }
  }

  async has(ref: PayloadRef): Promise<boolean> {
    const file = await stat(this.#file(ref.root, 'payload')).catch(() => undefined);
    return file?.size === ref.bytes;
  }

  /** A whole payload, verified; `undefined` when it is absent or was damaged. */
  async read(ref: PayloadRef): Promise<Uint8Array | undefined> {
    if (!(await this.has(ref))) return undefined;
    const bytes = await readFile(this.#file(ref.root, 'payload'));
    if (splitLeaves(ref, joinLeaves(payloadLeaves(bytes))) !== undefined) return bytes;
    await this.remove(ref.root);
    return undefined;
  }

  /** One chunk of a whole payload as it stands on disk; the receiver verifies it. */
  async readChunk(ref: PayloadRef, index: number): Promise<Uint8Array | undefined> {
    if (!(await this.has(ref))) return undefined;
    const { start, end } = chunkRange(ref, index);
    const file = await open(this.#file(ref.root, 'payload'), 'r');
    try {
      return await readAt(file, start, end - start);
    } finally {
      await file.close();
    }
  }

  /** The manifest of a whole or partial payload, if it is there and gives the root. */
  async leaves(ref: PayloadRef): Promise<Leaves | undefined> {
    const joined = await readFile(this.#file(ref.root, 'leaves')).catch(() => undefined);
    return joined === undefined ? undefined : splitLeaves(ref, joined);
  }

  async writeLeaves(ref: PayloadRef, leaves: Leaves): Promise<void> {
    await this.#replace(ref.root, 'leaves', joinLeaves(leaves));
  }

  /** Stores a whole payload; durable when it resolves. */
  async write(ref: PayloadRef, bytes: Uint8Array, leaves: Leaves): Promise<void> {
    await this.writeLeaves(ref, leaves);
    await this.#replace(ref.root, 'payload', bytes);
    flushFolder(this.#path);
  }

  async openPartial(ref: PayloadRef): Promise<PartialFile> {
    const path = this.#file(ref.root, 'partial');
    const file = await open(path, 'r+').catch(() => open(path, 'w+'));
    return new PartialFile(file, ref, async () => {
      await rename(path, this.#file(ref.root, 'payload'));
      flushFolder(this.#path);
    });
  }

  async remove(root: string): Promise<void> {
    for (const part of ['payload', 'partial', 'leaves'] as const) {
      await rm(this.#file(root, part), { force: true });
    }
  }

  /** Roots of everything that is stored, whole or partial. */
  async roots(): Promise<ReadonlySet<string>> {
    const names = await readdir(this.#path);
    return new Set(names.map((name) => name.slice(0, name.indexOf('.'))));
  }

  async #replace(root: string, part: Part, bytes: Uint8Array): Promise<void> {
    const temporary = `${this.#file(root, part)}.temporary`;
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, this.#file(root, part));
  }

  #file(root: string, part: Part): string {
    return join(this.#path, `${digestSchema.parse(root)}.${part}`);
  }
}

/** The chunks of one download as they come. */
export class PartialFile {
  readonly #file: FileHandle;
  readonly #ref: PayloadRef;
  readonly #publish: () => Promise<void>;

  constructor(file: FileHandle, ref: PayloadRef, publish: () => Promise<void>) {
    this.#file = file;
    this.#ref = ref;
    this.#publish = publish;
  }

  /** Calls `take` with every chunk whose place in the file is written, right or not. */
  async eachStored(take: (index: number, chunk: Uint8Array) => void): Promise<void> {
    const { size } = await this.#file.stat();
    for (let index = 0; index < chunkCount(this.#ref); index++) {
      const { start, end } = chunkRange(this.#ref, index);
      if (end > size) return;
      const chunk = await readAt(this.#file, start, end - start);
      if (chunk !== undefined) take(index, chunk);
    }
  }

  async writeChunk(index: number, chunk: Uint8Array): Promise<void> {
    const { start } = chunkRange(this.#ref, index);
    const { bytesWritten } = await this.#file.write(chunk, 0, chunk.byteLength, start);
    if (bytesWritten !== chunk.byteLength) {
      throw new PayloadError('storage', 'a chunk was written in part: is the disk full?');
    }
  }

  /** Flushes the file and gives it its final name. */
  async finish(): Promise<void> {
    await this.#file.truncate(this.#ref.bytes);
    await this.#file.sync();
    await this.#publish();
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

async function readAt(file: FileHandle, at: number, length: number) {
  const bytes = new Uint8Array(length);
  const { bytesRead } = await file.read(bytes, 0, length, at);
  return bytesRead === length ? bytes : undefined;
}
