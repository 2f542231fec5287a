import { IndexError } from '../index-error.ts';

/** What a failing disk becomes; refusals of this room and aborts pass as they are. */
export function storageError(cause: unknown, what: string): Error {
  if (cause instanceof IndexError) return cause;
  if (cause instanceof Error && cause.name === 'AbortError') return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  const isFull = cause instanceof Error && 'code' in cause && cause.code === 'ENOSPC';
  const advice = isFull ? 'the disk is full: make space and try again' : 'check disk and rights';
  return new IndexError('storage-failed', `could not ${what} (${reason}); ${advice}`, { cause });
}

/** Runs a storage step and turns its failure into a `storage-failed` that says what failed. */
export async function onDisk<T>(what: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (cause) {
    throw storageError(cause, what);
  }
}
