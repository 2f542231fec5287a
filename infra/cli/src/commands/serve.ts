// Runs something until a signal, the parent or the launcher ends it.

import { announceReady, leaveParent, stopSignal, untilStopped } from '@starling/runtime';
import { EXIT } from '../exit-codes.ts';

/** Serves until stopped; the exit code tells Ctrl-C and SIGTERM apart from the rest. */
export async function serve(start: () => Promise<{ stop(): Promise<void> }>): Promise<number> {
  const signal = stopSignal();
  const running = await start();
  announceReady();
  await untilStopped(signal);
  await running.stop();
  leaveParent();
  return exitCodeOfStop(signal);
}

export function exitCodeOfStop(signal: AbortSignal): number {
  const why = signal.reason instanceof Error ? signal.reason.message : '';
  if (why === 'SIGINT') return EXIT.interrupted;
  return why === 'SIGTERM' || why === 'SIGHUP' ? EXIT.terminated : EXIT.ok;
}
