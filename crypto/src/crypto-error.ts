// A failing world in this room: a key file that cannot be used.

export type CryptoErrorCode = 'key-file-malformed' | 'key-file-suite' | 'key-file-mismatch';

export class CryptoError extends Error {
  override readonly name = 'CryptoError';
  readonly code: CryptoErrorCode;

  constructor(code: CryptoErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
