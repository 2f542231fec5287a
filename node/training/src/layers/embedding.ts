import assert from 'node:assert/strict';
import { takeRows } from '../graph/indexing.ts';
import type { Layer } from './layer.ts';

/** Rows of a learned table [rows × width] at the ids of a sample: [ids… × width]. */
export function embedding(rows: number, width: number): Layer {
  assert(rows > 0 && width > 0, `an embedding of ${rows} × ${width} is empty`);
  return {
    build: (input) => ({
      output: [...input, width],
      parameters: [
        {
          name: 'table',
          shape: [rows, width],
          initial: { kind: 'uniform', bound: 1 / Math.sqrt(width) },
          decays: true,
        },
      ],
      takes: 'ids',
      forward: ({ graph }, x, [table]) => {
        assert(table !== undefined);
        return takeRows(graph, table, x);
      },
    }),
  };
}
