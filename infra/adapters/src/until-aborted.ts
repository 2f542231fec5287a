/** Settles with `work`, or rejects with the reason of the first signal that fires before. */
export function untilAborted<T>(work: Promise<T>, signals: readonly AbortSignal[]): Promise<T> {
  return new Promise((resolve, reject) => {
    const any = AbortSignal.any([...signals]);
    const onAbort = (): void => reject(any.reason);
    if (any.aborted) onAbort();
    any.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => any.removeEventListener('abort', onAbort));
  });
}
