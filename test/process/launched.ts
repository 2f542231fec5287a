// The `starling` command as its own process, watched from outside: what it printed, how it ended,
// which processes it left. Waiting is for conditions, with a deadline that only a failure reaches.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { ExecutionContext } from 'ava';

export const STARLING = join(import.meta.dirname, '..', '..', 'infra', 'cli', 'bin', 'starling.js');
/** Generous: other tests share the machine. */
const DEADLINE_MS = 170_000;
const CHECK_MS = 25;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Launched {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** What it has printed so far. */
  readonly stdout: () => string;
  readonly kill: (signal: NodeJS.Signals) => void;
}

/** Starts the command; whatever of it still runs when the test ends is killed. */
export function launch(
  t: ExecutionContext,
  args: readonly string[],
  command: readonly string[] = [process.execPath, STARLING],
): Launched {
  const [program = '', ...before] = command;
  const child = spawn(program, [...before, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  t.teardown(() => {
    if (isRunning(child.pid)) child.kill('SIGKILL');
  });
  const stdout = collected(child.stdout);
  const stderr = collected(child.stderr);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      // A grandchild may hold the pipes for ever; what was written before is there soon.
      setTimeout(() => resolve({ code, signal, stdout: stdout(), stderr: stderr() }), CHECK_MS);
    });
  });
  return { pid: child.pid ?? 0, ended: inTime(ended, args.join(' ')), stdout, kill: killer(child) };
}

/** Runs the command to its end. */
export function run(t: ExecutionContext, ...args: readonly string[]): Promise<Ended> {
  return launch(t, args).ended;
}

/** Process ids of everything that serves a folder below `home`, by folder name. */
export function servedBelow(home: string): Map<string, number> {
  const found = new Map<string, number>();
  if (!existsSync(home)) return found;
  for (const path of readdirSync(home, { recursive: true, encoding: 'utf8' })) {
    if (basename(path) !== 'control.json') continue;
    const pid = pidIn(join(home, path));
    if (pid !== undefined) found.set(basename(dirname(path)), pid);
  }
  return found;
}

/** Undefined when the file has just been removed. */
function pidIn(path: string): number | undefined {
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as { pid: number }).pid;
  } catch {
    return undefined;
  }
}

/** True for a process that runs; a zombie has ended. */
export function isRunning(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).charAt(0) !== 'Z';
  } catch {
    return false;
  }
}

/** Resolves to the first answer that is not undefined. */
export async function until<T>(
  what: string,
  probe: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  const deadline = performance.now() + DEADLINE_MS;
  while (performance.now() < deadline) {
    const answer = await probe();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, CHECK_MS));
  }
  throw new Error(`waited in vain until ${what}`);
}

/** Resolves when none of these processes runs any more. */
export async function untilGone(pids: Iterable<number>): Promise<void> {
  const all = [...pids];
  await until(`processes ${all.join(', ')} are gone`, () => !all.some(isRunning) || undefined);
}

function killer(child: ChildProcess): (signal: NodeJS.Signals) => void {
  return (signal) => {
    child.kill(signal);
  };
}

function collected(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString('utf8');
}

async function inTime<T>(promise: Promise<T>, what: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`${what}: no end`)), DEADLINE_MS);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
