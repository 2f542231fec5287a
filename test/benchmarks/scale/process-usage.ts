// Processor time and memory of another process (Linux: /proc).

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
const MIB = 1024;

/** Processor seconds of all its threads so far. */
export function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Largest resident memory since the last call, MiB. */
export function peakMiBOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const [, kilobytes = '0'] = /^VmHWM:\s+(\d+)/m.exec(status) ?? [];
  // 5 sets the peak back to what is resident now.
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
  return Number(kilobytes) / MIB;
}
