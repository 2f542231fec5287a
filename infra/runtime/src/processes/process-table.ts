// Reads other processes from /proc where there is one: their parents, when they started, their words.

import { readFileSync } from 'node:fs';

export interface ProcessLine {
  readonly parent: number;
  /** Start time in clock ticks: tells a process from a later one with the same id. */
  readonly start: string;
}

/** Undefined when the process has ended, or where there is no /proc. */
export function processLine(pid: number): ProcessLine | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Fields 4 (parent) and 22 (start) of proc(5); the name in parentheses may hold spaces.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z') return undefined;
    return { parent: Number(fields[1]), start: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

/** The command line, its words parted by blanks; empty when it cannot be read. */
export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

/** Whether a process with this id runs; one of another user counts too. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
