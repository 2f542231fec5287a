// What can go wrong for a person at the command line: a code, and a message that says what to do.

export type RuntimeErrorCode =
  | 'invalid-config'
  | 'invalid-corpus'
  | 'invalid-option'
  | 'folder-exists'
  | 'not-a-site'
  | 'not-an-index'
  | 'damaged-index'
  | 'unsafe-key-file'
  | 'locked-key-file'
  | 'wrong-passphrase'
  | 'not-running'
  | 'already-running'
  | 'request-refused'
  | 'child-died'
  | 'timeout'
  | 'nothing-to-resume'
  | 'no-such-run';

export class RuntimeError extends Error {
  override readonly name = 'RuntimeError';
  readonly code: RuntimeErrorCode;

  constructor(code: RuntimeErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
