// Waiting that ends with a signal.

import { TrainingError } from '../training-error.ts';

export function abortedBy(signal: AbortSignal | undefined): TrainingError {
  return new TrainingError('aborted', 'the fit was aborted', { cause: signal?.reason });
}

/** @throws TrainingError `aborted` */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortedBy(signal);
}

/** The promise's end, or a rejection with `aborted` as soon as the signal fires. */
export async function untilAborted<Result>(
  promise: Promise<Result>,
  signal: AbortSignal,
): Promise<Result> {
  const { promise: fired, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(abortedBy(signal));
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, fired]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
