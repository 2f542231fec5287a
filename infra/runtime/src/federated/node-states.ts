// What virtual nodes keep between their rounds. Only nodes that ran and kept something take room: in
// memory up to a limit, the least recently used ones in files beyond it.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { type RecordDict, recordDict } from '@starling/shared';

export interface NodeStatesOptions {
  /** Bytes of states in memory. */
  readonly memoryBytesMax: number;
}

export const DEFAULT_NODE_STATES_OPTIONS: NodeStatesOptions = Object.freeze({
  memoryBytesMax: 256 * 1024 * 1024,
});

/** Invariant: a node's state is in `#memory` or in its file, never in both. */
export class NodeStates {
  readonly #options: NodeStatesOptions;
  /** Least recently used first. */
  readonly #memory = new Map<string, Uint8Array>();
  readonly #files = new Map<string, string>();
  #memoryBytes = 0;
  #folder: string | undefined;
  #nextFile = 0;

  constructor(options: NodeStatesOptions = DEFAULT_NODE_STATES_OPTIONS) {
    this.#options = options;
  }

  /** Nodes with a state, and how many of them lie on the disk. */
  get count(): { readonly nodes: number; readonly onDisk: number } {
    return { nodes: this.#memory.size + this.#files.size, onDisk: this.#files.size };
  }

  get(node: string): RecordDict {
    const bytes = this.#memory.get(node);
    if (bytes !== undefined) return deserialize(bytes);
    const file = this.#files.get(node);
    return file === undefined ? recordDict() : deserialize(readFileSync(file));
  }

  set(node: string, state: RecordDict): void {
    this.#remove(node);
    if (isEmpty(state)) return;
    const bytes = serialize(state);
    this.#memory.set(node, bytes);
    this.#memoryBytes += bytes.byteLength;
    for (const [oldest, own] of this.#memory) {
      if (this.#memoryBytes <= this.#options.memoryBytesMax) break;
      this.#toDisk(oldest, own);
    }
  }

  /** Forgets everything and takes the files away. */
  stop(): void {
    this.#memory.clear();
    this.#files.clear();
    this.#memoryBytes = 0;
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  }

  #remove(node: string): void {
    this.#memoryBytes -= this.#memory.get(node)?.byteLength ?? 0;
    this.#memory.delete(node);
    const file = this.#files.get(node);
    if (file !== undefined) rmSync(file, { force: true });
    this.#files.delete(node);
  }

  #toDisk(node: string, bytes: Uint8Array): void {
    this.#folder ??= mkdtempSync(join(tmpdir(), 'starling-states-'));
    const number = this.#nextFile++;
    const folder = join(this.#folder, String(number >>> 12));
    mkdirSync(folder, { recursive: true });
    const file = join(folder, String(number));
    writeFileSync(file, bytes);
    this.#memory.delete(node);
    this.#memoryBytes -= bytes.byteLength;
    this.#files.set(node, file);
  }
}

function isEmpty({ arrays, config, metrics }: RecordDict): boolean {
  return [arrays, metrics, config].every((record) => Object.keys(record).length === 0);
}
