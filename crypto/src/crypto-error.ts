// A failing world in this room: a key file that cannot be used, a session that cannot be safe.

export type CryptoErrorCode =
  /** Not a key file, or not all of one. */
  | 'key-file-malformed'
  /** Of a version that this code does not know. */
  | 'key-file-version'
  /** Of another kind of key or another algorithm. */
  | 'key-file-suite'
  /** Its names do not follow from its secret. */
  | 'key-file-mismatch'
  /** Encrypted, and no passphrase was given. */
  | 'key-file-locked'
  /** Encrypted, and the passphrase is not the one. */
  | 'key-file-passphrase'
  /** Encrypted, and changed after it was written. */
  | 'key-file-tampered'
  /** Encrypted with parameters that are not accepted from a file. */
  | 'key-file-parameters'
  | 'unsafe-session';

export class CryptoError extends Error {
  override readonly name = 'CryptoError';
  readonly code: CryptoErrorCode;

  constructor(code: CryptoErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
