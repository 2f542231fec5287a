// A failing world as the coordinator sees it.

export type CoordinatorErrorCode =
  | 'no-federation'
  | 'wrong-identity'
  | 'invalid-site'
  | 'invalid-administrators'
  | 'unknown-member'
  | 'not-permitted'
  | 'no-proposal'
  | 'bad-signature'
  | 'bad-rules'
  | 'roster-full'
  | 'no-quorum'
  | 'corrupt-chain'
  | 'stopped'
  | 'unknown-version'
  | 'invalid-pin'
  | 'superseded'
  | 'model-unavailable';

export class CoordinatorError extends Error {
  override readonly name = 'CoordinatorError';
  readonly code: CoordinatorErrorCode;

  constructor(code: CoordinatorErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
