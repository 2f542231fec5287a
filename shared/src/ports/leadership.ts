// Who of several processes leads, by a lease that ends unless its holder renews it.

export interface Lease {
  /** Fencing token: rises with every lease, so whoever holds a higher one came later. */
  readonly token: number;
  /** By its own clock, the former holder did nothing after this; 0 when there was none. */
  readonly formerUntilMs: number;
  /** Aborted as soon as the lease may be another's, and by `release`. */
  readonly lost: AbortSignal;
  /** Gives it up, so that nobody waits for its end. Never rejects. */
  release(): Promise<void>;
}

export interface Leadership {
  /**
   * Waits until nobody else leads, and leads; the lease is renewed until it is lost or released.
   * @param onWaiting called whenever another holder was seen
   * @throws the signal's reason when aborted
   */
  acquire(signal: AbortSignal, onWaiting?: (holder: string) => void): Promise<Lease>;
  stop(): Promise<void>;
}
