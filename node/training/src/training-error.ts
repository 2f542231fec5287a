/** Every way a fit, an encoding or an evaluation can fail in the world (not: a broken caller). */
export const TRAINING_ERROR_CODES = [
  'aborted',
  'corrupt-file',
  'empty-dataset',
  'engine-failed',
  'invalid-options',
  'limit-exceeded',
  'missing-file',
  'non-finite-loss',
  'non-finite-parameter',
  'non-finite-score',
  'shape-mismatch',
  'stopped',
  'storage-failed',
  'unsupported-format',
  'worker-died',
] as const;

export type TrainingErrorCode = (typeof TRAINING_ERROR_CODES)[number];

/** A failure of this room; `code` is stable, the message says what, where and what to do. */
export class TrainingError extends Error {
  readonly code: TrainingErrorCode;
  /** The training step at which it happened, from 1 on. */
  readonly step: number | undefined;

  constructor(
    code: TrainingErrorCode,
    message: string,
    options: ErrorOptions & { readonly step?: number | undefined } = {},
  ) {
    super(message, options);
    this.name = 'TrainingError';
    this.code = code;
    this.step = options.step;
  }
}

/** Throws `non-finite-parameter` when any value is NaN or infinite; `what` names the array. */
export function assertFinite(values: Float32Array, what: string): void {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) {
      throw new TrainingError(
        'non-finite-parameter',
        `${what}[${i}] is ${values[i]}; discard these values and lower the learning rate`,
      );
    }
  }
}
