// Files as streams of samples for a fit, read anew at every epoch.

import type { Samples, Targets } from '../engine/samples.ts';
import { TrainingError } from '../training-error.ts';
import type { ReadOptions } from './byte-stream.ts';
import { csvMatrix, readCsvPieces } from './csv.ts';
import type { CsvOptions } from './csv-schema.ts';
import { type IdxArray, readIdxPieces } from './idx.ts';

export interface IdxSamplesOptions extends ReadOptions {
  /** What every input is multiplied with, such as 1/255 for pixels. 1 when left out. */
  readonly scale?: number;
  /** Samples of a piece; 256 when left out. */
  readonly rows?: number;
}

/**
 * Samples of two IDX files, inputs and targets row by row.
 *
 * @throws TrainingError while it is iterated: as `readIdx`; `shape-mismatch` with both counts
 */
export function idxSamples(
  inputs: string,
  targets: string,
  options: IdxSamplesOptions = {},
): AsyncIterable<Samples> {
  const { scale = 1 } = options;
  return {
    async *[Symbol.asyncIterator](): AsyncGenerator<Samples, void, undefined> {
      const others = readIdxPieces(targets, options);
      let samples = 0;
      try {
        for await (const piece of readIdxPieces(inputs, options)) {
          const other = (await others.next()).value;
          const [rows = 0, found = 0] = [piece.shape[0], other?.shape[0]];
          if (other === undefined || rows !== found) {
            throw unequal(inputs, samples + rows, targets, samples + found);
          }
          samples += rows;
          yield { x: Float32Array.from(piece.data, (value) => value * scale), y: targetsOf(other) };
        }
        const more = (await others.next()).value;
        if (more !== undefined) {
          throw unequal(inputs, samples, targets, samples + (more.shape[0] ?? 0));
        }
      } finally {
        await others.return();
      }
    },
  };
}

export interface CsvSamplesOptions extends CsvOptions, ReadOptions {
  /** Columns of numbers, in the order of the model's inputs. */
  readonly features: readonly string[];
  /** The column of the targets. */
  readonly target: string;
  /** Whether the targets are class numbers or reals. */
  readonly targets: 'labels' | 'values';
  /** Samples of a piece; 256 when left out. */
  readonly rows?: number;
}

/**
 * Samples of a CSV file. A missing value is refused unless `onMissing` says otherwise.
 *
 * @throws TrainingError while it is iterated: as `readCsv`
 */
export function csvSamples(path: string, options: CsvSamplesOptions): AsyncIterable<Samples> {
  const { features, target, targets, types } = options;
  const isLabel = targets === 'labels';
  const read = {
    onMissing: 'refuse',
    ...options,
    select: [...features, target],
    types: { ...types, [target]: isLabel ? 'integer' : 'number' },
  } as const;
  return {
    async *[Symbol.asyncIterator](): AsyncGenerator<Samples, void, undefined> {
      for await (const table of readCsvPieces(path, read)) {
        const y = csvMatrix(table, [target]);
        yield { x: csvMatrix(table, features), y: isLabel ? Int32Array.from(y) : y };
      }
    },
  };
}

function targetsOf({ data }: IdxArray): Targets {
  if (data instanceof Uint8Array || data instanceof Int32Array) return data;
  return data instanceof Float32Array || data instanceof Float64Array
    ? Float32Array.from(data)
    : Int32Array.from(data);
}

/** The counts are those that were reached when the files began to differ. */
function unequal(inputs: string, rows: number, targets: string, others: number): TrainingError {
  const [fewer, more] = rows < others ? [inputs, targets] : [targets, inputs];
  const message = `${fewer} ends after ${Math.min(rows, others)} rows, ${more} goes on`;
  return new TrainingError('shape-mismatch', `${message}; each input needs one target`);
}
