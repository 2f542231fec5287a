// The life of a long-running process: says that it is ready, stops on signals, on its parent's word
// and when whoever launched it has vanished.

import { constants } from 'node:os';
import { commandOf, processLine } from './process-table.ts';

const LAUNCHER_CHECK_MS = 500;

/**
 * A signal that fires on SIGINT, SIGTERM, SIGHUP, a closed channel or a vanished launcher; its
 * reason's message is the signal's name or says who is gone.
 */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  const stop = (why: string) => controller.abort(new Error(why));
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      // Asked twice, it goes at once; children notice that their channel closed.
      if (controller.signal.aborted) process.exit(128 + constants.signals[name]);
      stop(name);
    });
  }
  process.on('disconnect', () => stop('the parent process is gone'));
  // A parent that vanished before the line above told nobody.
  if (process.send !== undefined && !process.connected) stop('the parent process is gone');
  watchLaunchers(() => stop('the launcher is gone'), controller.signal);
  return controller.signal;
}

/** What a process tells its parent once it serves. */
export interface Readiness {
  /** Where operators' programs ask it, if they may. */
  readonly http: string | null;
}

/** Tells the parent, if there is one, that this process serves. */
export function announceReady(readiness: Readiness): void {
  if (process.connected) process.send?.(readiness);
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
    if (launchers.every((launcher) => processLine(launcher.pid)?.start === launcher.start)) return;
    onGone();
  }, LAUNCHER_CHECK_MS);
  timer.unref();
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
}

interface Launcher {
  readonly pid: number;
  readonly start: string;
}

/** Package runners among the ancestors; empty where there is no /proc. */
function launchersAbove(): Launcher[] {
  const found: Launcher[] = [];
  let pid = process.ppid;
  while (pid > 1) {
    const line = processLine(pid);
    if (line === undefined) break;
    if (/\b(npx|npm|pnpm)\b/.test(commandOf(pid))) found.push({ pid, start: line.start });
    pid = line.parent;
  }
  return found;
}
