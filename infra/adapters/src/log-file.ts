// Lines appended to a file, each written before the call returns. A disk that takes no more loses
// lines, and nothing else: a process must not end because it cannot say how it is.

import { mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

export class LogFile {
  readonly #descriptor: number;
  #lost = 0;

  /** Opens the file, and makes its folder. @throws {Error} when it cannot be opened */
  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true });
    this.#descriptor = openSync(path, 'a');
  }

  /** Appends a line; the first one after some were lost says how many. Never throws. */
  write(line: string): void {
    try {
      if (this.#lost > 0) {
        // What the full disk took of a line may have no end.
        this.#append(`\n${JSON.stringify({ level: 'warn', lost: this.#lost, msg: LOST })}\n`);
        this.#lost = 0;
      }
      this.#append(line);
    } catch {
      this.#lost += 1;
    }
  }

  #append(text: string): void {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#descriptor, bytes, at);
  }
}

const LOST = 'lines were lost: the disk was full';
