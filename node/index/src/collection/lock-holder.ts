// Who holds a folder: a process, told from a later one with the same number by its start time.

import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';

export interface LockHolder {
  /** Tells this hold from every other one. */
  readonly token: string;
  readonly pid: number;
  readonly host: string;
  /** Boot and clock tick at which the process started; empty where the system does not say. */
  readonly startedAt: string;
}

/** This process as a holder. */
export async function thisProcess(token: string): Promise<LockHolder> {
  const { pid } = process;
  return { token, pid, host: hostname(), startedAt: (await startOf(pid)) ?? '' };
}

/** The holder that a lock file names, `undefined` when it names none. */
export function parseHolder(text: string): LockHolder | undefined {
  try {
    const { token, pid, host, startedAt } = JSON.parse(text);
    const isHolder =
      /^[0-9a-f]{32}$/.test(token) &&
      Number.isSafeInteger(pid) &&
      pid > 0 &&
      typeof host === 'string' &&
      typeof startedAt === 'string';
    return isHolder ? { token, pid, host, startedAt } : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a holder may still be at work; one on another machine always may. */
export async function mayBeAlive(holder: LockHolder): Promise<boolean> {
  if (holder.host !== hostname()) return true;
  if (!isRunning(holder.pid)) return false;
  const startedAt = await startOf(holder.pid);
  if (startedAt === undefined) return false;
  if (holder.startedAt === '' || startedAt === '') return true;
  return startedAt === holder.startedAt;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

// The 22nd field of /proc/<pid>/stat; the name before it may hold spaces and brackets. A zombie has
// ended and only waits for its parent. `undefined` when the process is gone.
async function startOf(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') return '';
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    return `${boot.trim()}/${fields[19]}`;
  } catch (error) {
    const isGone = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return isGone ? undefined : '';
  }
}
