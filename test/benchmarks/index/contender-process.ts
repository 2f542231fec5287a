import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import {
  type BuildAnswer,
  type BuildCommand,
  encodeCommand,
  type SearchAnswer,
  type SearchCommand,
} from './contender-protocol.ts';

export interface Program {
  readonly file: string;
  readonly args: readonly string[];
}

type Answer = Record<string, unknown>;

/** A contender at the other end of two pipes. One command at a time; ends with its owner. */
export class ContenderProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  #complaint = '';

  private constructor(child: ChildProcess, lines: AsyncIterator<string>) {
    this.#child = child;
    this.#lines = lines;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint = `${this.#complaint}${text}`.slice(-COMPLAINT_CHARACTERS_MAX);
    });
  }

  /** @throws {Error} with what the process wrote when it does not come up. */
  static async start({ file, args }: Program, signal: AbortSignal): Promise<ContenderProcess> {
    const child = spawn(file, [...args], { stdio: ['pipe', 'pipe', 'pipe'], signal });
    // The pipes tell of every failure; without a listener an aborted child would end the run here.
    child.on('error', () => undefined);
    child.stdin.on('error', () => undefined);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const contender = new ContenderProcess(child, lines);
    await contender.#answer();
    return contender;
  }

  /** @throws {Error} in the words of the contender. */
  async build(command: Omit<BuildCommand, 'name'>): Promise<BuildAnswer> {
    this.#child.stdin?.write(encodeCommand({ name: 'build', ...command }));
    return (await this.#answer()) as unknown as BuildAnswer;
  }

  /** @throws {Error} in the words of the contender. */
  async search(command: Omit<SearchCommand, 'name'>): Promise<SearchAnswer> {
    this.#child.stdin?.write(encodeCommand({ name: 'search', ...command }));
    return (await this.#answer()) as unknown as SearchAnswer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin?.end();
    const { exitCode, signalCode } = this.#child;
    const isRunning = this.#child.pid !== undefined && exitCode === null && signalCode === null;
    if (isRunning) await once(this.#child, 'exit');
  }

  async #answer(): Promise<Answer> {
    const { done, value } = await this.#lines.next();
    if (done === true) throw new Error(`it ended: ${this.#complaint.trim() || 'without a word'}`);
    const answer = JSON.parse(value) as Answer;
    if ('error' in answer) throw new Error(String(answer['error']));
    return answer;
  }
}

const COMPLAINT_CHARACTERS_MAX = 2_000;
