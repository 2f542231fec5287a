/** Everything that can go wrong in this room, as codes that callers may switch on. */
export const INDEX_ERROR_CODES = [
  'invalid-option',
  'unknown-metric',
  'dimension-mismatch',
  'non-finite',
  'no-byte',
  'untrained',
  'invalid-id',
  'duplicate-id',
  'invalid-value',
  'invalid-filter',
  'limit-exceeded',
  'missing-kernel',
  'missing-file',
  'corrupt-file',
  'newer-format',
  'unsupported-format',
  'storage-failed',
  'invalid-metadata',
  'settings-mismatch',
  'collection-locked',
  'collection-closed',
  'index-busy',
  'worker-failed',
] as const;

export type IndexErrorCode = (typeof INDEX_ERROR_CODES)[number];

/** A refused call or a failing disk; the message says what was wrong, where, and what to do. */
export class IndexError extends Error {
  override readonly name = 'IndexError';
  readonly code: IndexErrorCode;

  constructor(code: IndexErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
