// The mod that sends updates in fewer bytes, with error feedback where little is sent: Seide et al.
// 2014; Stich, Cordonnier, Jaggi, "Sparsified SGD with Memory", NeurIPS 2018, algorithm 1.

import {
  type CompressionOptions,
  carryBytes,
  checkCompression,
  compressUpdate,
  decompressUpdate,
  type RecordDict,
  UPDATE_ARRAY,
} from '@starling/shared';
import { TrainingError } from '../training-error.ts';
import type { Mod } from './client-app.ts';

export interface CompressUpdatesOptions extends Omit<CompressionOptions, 'seed'> {
  /**
   * What was not sent is kept in the node's state and added to its next update; on for `top-k`, off
   * for the others when left out.
   */
  readonly errorFeedback?: boolean;
}

/** Where a node keeps what it did not send. */
const RESIDUAL = 'compression-residual';

/**
 * Sends trained − received as the array `model-update` in place of `model`; any strategy opens it.
 * It stands first among the mods, so that clipping and noise come before it. The metrics
 * `update-bytes` and `compression-ratio` (bytes over those of the plain weights) say what it saved;
 * an update that would not shrink is sent plainly.
 *
 * @throws TrainingError `invalid-options`; at a round, `shape-mismatch`, and `non-finite-parameter`
 * for weights that cannot be compressed
 */
export function compressUpdates(options: CompressUpdatesOptions): Mod {
  const { errorFeedback = options.method === 'top-k', ...compression } = options;
  check(compression);
  return async (message, context, next) => {
    const answer = await next(message, context);
    const trained = answer.arrays['model'];
    if (message.kind !== 'train' || trained === undefined) return answer;
    const base = message.content.arrays['model'];
    const kept = errorFeedback ? context.state.arrays[RESIDUAL] : undefined;
    checkLengths(trained, base, kept);
    const update = trained.map((weight, i) => weight - (base?.[i] ?? 0) + (kept?.[i] ?? 0));
    const bytes = compressed(update, { ...compression, seed: context.seed });
    const carried = carryBytes(bytes);
    const isSmaller = carried.byteLength < trained.byteLength;
    if (errorFeedback) {
      const residual = isSmaller ? rest(update, bytes) : new Float32Array(update.length);
      context.state = withResidual(context.state, residual);
    }
    const { model: _, ...others } = answer.arrays;
    const plain = kept === undefined ? trained : update.map((value, i) => value + (base?.[i] ?? 0));
    const sent = isSmaller ? carried : plain;
    const metrics = {
      ...answer.metrics,
      'update-bytes': sent.byteLength,
      'compression-ratio': sent.byteLength / trained.byteLength,
    };
    const arrays = { ...others, [isSmaller ? UPDATE_ARRAY : 'model']: sent };
    return { ...answer, arrays, metrics };
  };
}

function check(compression: CompressionOptions): void {
  try {
    checkCompression(compression);
  } catch (error) {
    throw new TrainingError('invalid-options', `compressUpdates: ${(error as Error).message}`);
  }
}

function checkLengths(
  trained: Float32Array,
  base: Float32Array | undefined,
  kept: Float32Array | undefined,
): void {
  for (const [name, array] of [
    ['the message’s model', base],
    [`this node's ${RESIDUAL}`, kept ?? trained],
  ] as const) {
    if (array?.length === trained.length) continue;
    const found = array?.length ?? 'none';
    throw new TrainingError(
      'shape-mismatch',
      `trained weights have ${trained.length} elements, ${name} has ${found}`,
    );
  }
}

function compressed(update: Float32Array, options: CompressionOptions): Uint8Array {
  try {
    return compressUpdate(update, options);
  } catch (error) {
    throw new TrainingError('non-finite-parameter', (error as Error).message, { cause: error });
  }
}

/** What the server will not see of the update. */
function rest(update: Float32Array, bytes: Uint8Array): Float32Array {
  const seen = decompressUpdate(bytes, update.length);
  if (!seen.ok) throw new TrainingError('engine-failed', seen.refusal.detail);
  return update.map((value, i) => value - (seen.value[i] ?? 0));
}

function withResidual(state: RecordDict, residual: Float32Array): RecordDict {
  return { ...state, arrays: { ...state.arrays, [RESIDUAL]: residual } };
}
