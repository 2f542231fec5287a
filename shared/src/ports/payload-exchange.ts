// Content-addressed transfer of what is too large for gossip.

import type { TransportId } from '../ids.ts';
import type { PayloadRef } from '../messages/payload-ref.ts';

export type PayloadErrorCode = 'unavailable' | 'corrupt-source' | 'too-large' | 'storage';

export class PayloadError extends Error {
  override readonly name = 'PayloadError';
  readonly code: PayloadErrorCode;

  constructor(code: PayloadErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export interface FetchOptions {
  /** Asked in this order; the next one continues where the last one failed. */
  readonly providers: readonly TransportId[];
  readonly signal?: AbortSignal;
}

export interface PayloadExchange {
  /** Stores `bytes` durably and serves them under their content root. */
  offer(bytes: Uint8Array): Promise<PayloadRef>;
  /**
   * The payload, from the local store or pulled chunk by chunk; each chunk is verified against the
   * root before it is kept, and a later call resumes with the chunks that are there.
   * @throws {PayloadError}
   */
  fetch(ref: PayloadRef, options: FetchOptions): Promise<Uint8Array>;
  has(ref: PayloadRef): Promise<boolean>;
  /** Stops serving and deletes everything but `keep`. */
  retain(keep: ReadonlySet<string>): Promise<void>;
}
