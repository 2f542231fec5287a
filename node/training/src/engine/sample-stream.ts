// Samples that come in pieces, checked as they come and gathered into shuffled blocks: a data set may
// be larger than memory. Two blocks are held at most, one that is trained on and one that fills.

import { scheduler } from 'node:timers/promises';
import { TrainingError } from '../training-error.ts';
import { untilAborted } from './abortable.ts';
import { type BlockOrder, BlockOrders } from './block-orders.ts';
import { FeedBuffer } from './feed-buffer.ts';
import type { Feeds } from './feeds.ts';
import type { Program } from './program.ts';
import { checkBatches, type Samples, sampleFeeds } from './samples.ts';

/** Pieces of any number of samples. It is iterated once per epoch and gives the same samples each time. */
export type SampleStream = AsyncIterable<Samples> | Iterable<Samples>;

export interface SampleBlock extends BlockOrder {
  readonly feeds: Feeds;
  /** Samples of the epoch that this block ends. */
  readonly endsEpochOf: number | undefined;
}

export interface StreamSettings {
  readonly samples: SampleStream;
  readonly shuffleBuffer: number;
  readonly examples: number | undefined;
  readonly epochs: number;
  readonly seed: number;
  readonly signal: AbortSignal;
}

/** A stream of pieces that are ready at once still lets timers and signals through. */
const PIECES_PER_TURN = 64;

/**
 * All blocks of all epochs. A block is a shuffle of up to `shuffleBuffer` samples; what does not fill
 * a batch goes into the next block, so that only the last batch of an epoch is partial.
 *
 * @throws TrainingError `shape-mismatch`, `invalid-options`, `empty-dataset`, naming the piece;
 *   `aborted`; and what the stream throws
 */
export async function* sampleBlocks(
  program: Program,
  settings: StreamSettings,
): AsyncGenerator<SampleBlock, void, undefined> {
  const { batch } = program;
  const orders = new BlockOrders(batch, settings.seed);
  const spare = [new FeedBuffer(settings.shuffleBuffer), new FeedBuffer(settings.shuffleBuffer)];
  let expected = settings.examples;
  for (let epoch = 1; epoch <= settings.epochs; epoch++) {
    let samples = 0;
    let filling = emptied(spare);
    for await (const feeds of checkedPieces(program, settings, epoch)) {
      for (let from = 0; from < feeds.rows; ) {
        if (filling.isFull) {
          const { rest, ...order } = orders.next(filling.rows, false);
          yield { ...order, feeds: filling.feeds, endsEpochOf: undefined };
          const full = filling;
          filling = emptied(spare);
          filling.appendRows(full.feeds, rest);
        }
        const to = filling.append(feeds.feeds, from, feeds.rows);
        samples += to - from;
        from = to;
      }
    }
    checkCount(samples, expected, epoch, settings);
    checkBatches(program, samples);
    expected = samples;
    const { rest: _, ...order } = orders.next(filling.rows, true);
    yield { ...order, feeds: filling.feeds, endsEpochOf: samples };
  }
}

/** The buffer that was filled longer ago: its block is trained by now. */
function emptied(spare: FeedBuffer[]): FeedBuffer {
  const buffer = spare.shift() as FeedBuffer;
  spare.push(buffer);
  buffer.clear();
  return buffer;
}

async function* checkedPieces(
  program: Program,
  { samples, signal }: StreamSettings,
  epoch: number,
) {
  const iterator = iteratorOf(samples);
  let isOver = false;
  try {
    for (let piece = 1; ; piece++) {
      if (piece % PIECES_PER_TURN === 0) await scheduler.yield();
      const { done, value } = await untilAborted(iterator.next(), signal);
      if (done) {
        isOver = true;
        return;
      }
      const feeds = checkedPiece(program, value, `piece ${piece} of epoch ${epoch}`);
      if (feeds !== undefined) yield feeds;
    }
  } finally {
    // A stream that hangs would hang here as well, so nobody waits for it.
    if (!isOver) void Promise.resolve(iterator.return?.()).catch(() => {});
  }
}

interface PieceIterator {
  next(): Promise<IteratorResult<Samples>>;
  return?(): unknown;
}

function iteratorOf(samples: SampleStream): PieceIterator {
  if (Symbol.asyncIterator in samples) return samples[Symbol.asyncIterator]();
  const iterator = samples[Symbol.iterator]();
  return { next: async () => iterator.next(), return: () => iterator.return?.() };
}

function checkedPiece(program: Program, piece: unknown, what: string) {
  if (!isPiece(piece)) {
    const message = `${what} is no { x, y } of typed arrays`;
    throw new TrainingError('shape-mismatch', message);
  }
  if (piece.x.length === 0 && piece.y.length === 0) return undefined;
  try {
    const { samples, feeds } = sampleFeeds(program, piece);
    return { rows: samples, feeds };
  } catch (error) {
    if (!(error instanceof TrainingError)) throw error;
    throw new TrainingError(error.code, `${what}: ${error.message}`, { cause: error });
  }
}

function isPiece(piece: unknown): piece is Samples {
  if (typeof piece !== 'object' || piece === null) return false;
  return 'x' in piece && ArrayBuffer.isView(piece.x) && 'y' in piece && ArrayBuffer.isView(piece.y);
}

function checkCount(
  samples: number,
  expected: number | undefined,
  epoch: number,
  { examples }: StreamSettings,
): void {
  if (samples === 0) {
    const again = epoch === 1 ? '' : '; give an object that starts anew, not one generator';
    throw new TrainingError(
      'empty-dataset',
      `the stream gave no samples in epoch ${epoch}${again}`,
    );
  }
  if (expected === undefined || samples === expected) return;
  const before = examples === undefined ? 'epoch 1 gave' : 'examples is';
  throw new TrainingError(
    'shape-mismatch',
    `the stream gave ${samples} samples in epoch ${epoch}, ${before} ${expected}`,
  );
}
