// The life of a long-running process: says that it is ready, stops on signals, on its parent's word
// and when whoever launched it has vanished.

import { readFileSync } from 'node:fs';

const LAUNCHER_CHECK_MS = 500;

/** A signal that fires on SIGINT, SIGTERM, SIGHUP, a closed channel or a vanished launcher. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  const stop = (why: string) => controller.abort(new Error(why));
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => stop(name));
  }
  process.on('disconnect', () => stop('the parent process is gone'));
  watchLaunchers(() => stop('the launcher is gone'), controller.signal);
  return controller.signal;
}

/** Tells the parent, if there is one, that this process serves. */
export function announceReady(): void {
  process.send?.('ready');
}

/** Lets go of the parent's channel, which would keep this process alive. */
export function leaveParent(): void {
  if (process.connected) process.disconnect();
}

/** Resolves when the signal fires. */
export function untilStopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/**
 * npx and pnpm do not pass every signal on: killed, they leave what they started behind. So each
 * npx, npm or pnpm above this process is watched, and its end is ours.
 */
function watchLaunchers(onGone: () => void, signal: AbortSignal): void {
  const launchers = launchersAbove();
  if (launchers.length === 0) return;
  const timer = setInterval(() => {
    if (launchers.every((launcher) => startOf(launcher.pid) === launcher.start)) return;
    onGone();
  }, LAUNCHER_CHECK_MS);
  timer.unref();
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
}

interface Launcher {
  readonly pid: number;
  /** Start time in clock ticks: tells a process from a later one with the same id. */
  readonly start: string;
}

/** Package runners among the ancestors, read from /proc; empty where there is none. */
function launchersAbove(): Launcher[] {
  const found: Launcher[] = [];
  let pid = process.ppid;
  while (pid > 1) {
    const stat = statFields(pid);
    if (stat === undefined) break;
    if (/\b(npx|npm|pnpm)\b/.test(commandOf(pid))) found.push({ pid, start: stat.start });
    pid = stat.parent;
  }
  return found;
}

function startOf(pid: number): string | undefined {
  return statFields(pid)?.start;
}

function statFields(pid: number): { parent: number; start: string } | undefined {
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

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
