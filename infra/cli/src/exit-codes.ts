// What a script learns from the command's end. The table stands in the room's README.

import { RuntimeError, type RuntimeErrorCode } from '@starling/runtime';

export const EXIT = Object.freeze({
  ok: 0,
  unexpected: 1,
  usage: 2,
  refused: 3,
  processDied: 4,
  checksFailed: 5,
  interrupted: 130,
  terminated: 143,
});

const RUNTIME_CODES: Readonly<Record<RuntimeErrorCode, number>> = Object.freeze({
  'invalid-config': EXIT.usage,
  'invalid-corpus': EXIT.usage,
  'invalid-option': EXIT.usage,
  'folder-exists': EXIT.usage,
  'not-a-site': EXIT.usage,
  'nothing-to-resume': EXIT.usage,
  'unsafe-key-file': EXIT.refused,
  'not-running': EXIT.refused,
  'already-running': EXIT.refused,
  'request-refused': EXIT.refused,
  'child-died': EXIT.processDied,
  timeout: EXIT.processDied,
});

/** The exit code of a failure: typed errors of any room are refusals, others are unexpected. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof RuntimeError) return RUNTIME_CODES[error.code];
  const isTyped = error instanceof Error && 'code' in error && typeof error.code === 'string';
  return isTyped ? EXIT.refused : EXIT.unexpected;
}
