// A failing world as a site sees it.

export type PeerErrorCode =
  | 'not-a-member'
  | 'join-refused'
  | 'join-pending'
  | 'invalid-invitation'
  | 'invalid-document'
  | 'limit-exceeded'
  | 'not-ready'
  | 'model-unavailable'
  | 'privacy-budget'
  | 'unknown-round'
  | 'training-data-gone'
  | 'wrong-app'
  | 'corrupt-chain'
  | 'order-pending'
  | 'stopped';

export class PeerError extends Error {
  override readonly name = 'PeerError';
  readonly code: PeerErrorCode;

  constructor(code: PeerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
