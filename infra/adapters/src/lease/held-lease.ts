// A lease that is held: renewed while its register takes renewals, lost before another may take it.

import type { Cancel, Clock, Lease } from '@starling/shared';
import type { LeaseRegister } from './lease-register.ts';

export interface LeaseTerms {
  readonly formerUntilMs: number;
  readonly holder: string;
  readonly leaseMs: number;
  readonly parts: number;
}

/** Invariant: `lost` is aborted when all parts of the lease but one are over without a renewal. */
export class HeldLease implements Lease {
  readonly token: number;
  readonly formerUntilMs: number;
  readonly #register: LeaseRegister;
  readonly #clock: Clock;
  readonly #terms: LeaseTerms;
  readonly #lost = new AbortController();
  readonly #cancelRenewals: Cancel;
  #cancelEnd: Cancel = () => undefined;
  #revision: number;

  /** @param startedMs by the monotonic clock, before the lease was written */
  constructor(
    register: LeaseRegister,
    clock: Clock,
    terms: LeaseTerms,
    revision: number,
    startedMs: number,
  ) {
    this.#register = register;
    this.#clock = clock;
    this.#terms = terms;
    this.#revision = revision;
    this.token = revision;
    this.formerUntilMs = terms.formerUntilMs;
    this.#endAfter(startedMs);
    this.#cancelRenewals = clock.every(terms.leaseMs / terms.parts, () => this.#renew());
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  async release(): Promise<void> {
    if (this.#lost.signal.aborted) return;
    this.#lose('the lease was given up');
    const record = { holder: '', atMs: this.#clock.nowMs() };
    await this.#register.write(record, this.#revision).catch(() => undefined);
  }

  async #renew(): Promise<void> {
    const { holder } = this.#terms;
    const startedMs = this.#clock.monotonicMs();
    try {
      const record = { holder, atMs: this.#clock.nowMs() };
      const revision = await this.#register.write(record, this.#revision);
      if (this.#lost.signal.aborted) return;
      if (revision !== undefined) {
        this.#revision = revision;
        this.#endAfter(startedMs);
        return;
      }
      // It may be our own renewal, whose answer was lost.
      const newest = await this.#register.read();
      if (newest?.holder === holder) this.#revision = newest.revision;
      else this.#lose('another process has the lease');
    } catch {
      // Not known whether it was renewed: the end stays where it is.
    }
  }

  #endAfter(startedMs: number): void {
    const { leaseMs, parts } = this.#terms;
    const heldMs = leaseMs - leaseMs / parts;
    this.#cancelEnd();
    const leftMs = Math.max(0, startedMs + heldMs - this.#clock.monotonicMs());
    this.#cancelEnd = this.#clock.after(leftMs, () => this.#lose('the lease was not renewed'));
  }

  #lose(why: string): void {
    this.#cancelRenewals();
    this.#cancelEnd();
    this.#lost.abort(new Error(why));
  }
}
