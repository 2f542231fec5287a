// A run's log as it grows, until the run has ended.

import { type FileHandle, open } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as wait } from 'node:timers/promises';
import { logFile, readAppRun } from './run-store.ts';

const CHECK_MS = 100;
const PIECE_BYTES = 64 * 1024;

/** Everything so far; with `follow`, then what comes until the run ends or the signal fires. */
export async function* followLog(
  folder: string,
  { follow, signal }: { readonly follow: boolean; readonly signal?: AbortSignal },
): AsyncGenerator<string> {
  await using file = await open(logFile(folder));
  const decoder = new StringDecoder('utf8');
  for (;;) {
    const isOver = (await readAppRun(folder)).status.startsWith('finished');
    yield* grown(file, decoder);
    if (!follow || isOver || signal?.aborted === true) return;
    await wait(CHECK_MS);
  }
}

async function* grown(file: FileHandle, decoder: StringDecoder): AsyncGenerator<string> {
  for (;;) {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(PIECE_BYTES), 0, PIECE_BYTES);
    if (bytesRead === 0) return;
    yield decoder.write(buffer.subarray(0, bytesRead));
  }
}
