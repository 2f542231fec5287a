import { fc, testProp } from '@fast-check/ava';
import { ReaderEpochs } from './reader-epochs.ts';

testProp(
  'what is retired is released exactly when the readers of that moment are gone',
  [fc.array(fc.tuple(fc.nat({ max: 2 }), fc.nat({ max: 5 })), { minLength: 1, maxLength: 80 })],
  (t, steps) => {
    const epochs = new ReaderEpochs();
    const readers = new Map<number, () => void>();
    const retired: { readonly waitsFor: Set<number>; released: boolean }[] = [];
    let count = 0;
    for (const [kind, choice] of steps) {
      if (kind === 0) readers.set(count++, epochs.enter());
      if (kind === 1) {
        const item = { waitsFor: new Set(readers.keys()), released: false };
        retired.push(item);
        epochs.retire(() => {
          item.released = true;
        });
      }
      if (kind === 2) {
        const [reader, leave] = [...readers][choice] ?? [-1, () => undefined];
        readers.delete(reader);
        for (const { waitsFor } of retired) waitsFor.delete(reader);
        leave();
      }
      t.is(epochs.hasReaders, readers.size > 0);
      for (const { released, waitsFor } of retired) t.is(released, waitsFor.size === 0);
    }
  },
  { seed: 110, numRuns: 200 },
);
