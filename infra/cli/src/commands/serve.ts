// Runs something until a signal, the parent or the launcher ends it.

import { announceReady, leaveParent, stopSignal, untilStopped } from '@starling/runtime';
import { EXIT } from '../exit-codes.ts';
import { type Format, print } from '../output.ts';
import { withPassphrase } from '../passphrase.ts';

/** What does not stop within this is left behind: no process outlives its launcher. */
const STOP_WITHIN_MS = 15_000;

export interface Served {
  /** Name of the site or of the federation. */
  readonly name: string;
  /** Where operators' programs ask, if they may. */
  readonly http?: string | null;
  stop(): Promise<void>;
}

export interface ServeOptions {
  readonly home: string;
  readonly passphraseFile?: string;
  readonly format: Format;
}

/** Serves until stopped; the exit code tells Ctrl-C and SIGTERM apart. */
export async function serve(
  { home, passphraseFile, format }: ServeOptions,
  start: (home: string, passphrase: Uint8Array | undefined) => Promise<Served>,
): Promise<number> {
  const signal = stopSignal();
  try {
    const running = await withPassphrase(passphraseFile, (key) => start(home, key));
    const { http = null, name } = running;
    announceReady({ http });
    print(format, { name, home, http, pid: process.pid }, () => {
      const operators = http === null ? '' : `\noperators ask at ${http}`;
      return `${name} runs as process ${process.pid}, its log is ${home}/log.jsonl; Ctrl-C stops it${operators}`;
    });
    await untilStopped(signal);
    setTimeout(() => process.exit(EXIT.processDied), STOP_WITHIN_MS).unref();
    await running.stop();
  } finally {
    leaveParent();
  }
  return exitCodeOfStop(signal);
}

export function exitCodeOfStop(signal: AbortSignal): number {
  const why = signal.reason instanceof Error ? signal.reason.message : '';
  return why === 'SIGINT' ? EXIT.interrupted : EXIT.terminated;
}
