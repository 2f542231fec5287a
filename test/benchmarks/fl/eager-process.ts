// PyTorch eager in a process of its own, asked case by case, so that both sides are measured in turns.

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

const SCRIPT = join(import.meta.dirname, 'eager.py');

export class EagerProcess implements Disposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #answers: AsyncIterator<string>;

  constructor(python: string, signal: AbortSignal) {
    this.#child = spawn(python, [SCRIPT], { stdio: ['pipe', 'pipe', 'ignore'], signal });
    // Without that Python the answers end at once.
    this.#child.on('error', () => {});
    this.#child.stdin.on('error', () => {});
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** CPU milliseconds per step; `undefined` without a Python that has torch. */
  async stepMs(name: string, repeats: number): Promise<number | undefined> {
    this.#child.stdin.write(`${JSON.stringify({ case: name, repeats })}\n`);
    const { done, value } = await this.#answers.next();
    return done ? undefined : Number(value);
  }

  [Symbol.dispose](): void {
    this.#child.stdin.end();
  }
}
