/** Everything that can go wrong in this room, as codes that callers may switch on. */
export const LEARNING_ERROR_CODES = [
  'invalid-option',
  'invalid-trajectory',
  'sample-too-small',
  'indexes-differ',
] as const;

export type LearningErrorCode = (typeof LEARNING_ERROR_CODES)[number];

/** A refused call; the message says what was wrong, where, and what to do. */
export class LearningError extends Error {
  override readonly name = 'LearningError';
  readonly code: LearningErrorCode;

  constructor(code: LearningErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
