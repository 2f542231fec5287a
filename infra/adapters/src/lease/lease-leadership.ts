// Leadership by a lease (Gray and Cheriton 1989) over a register with revisions. No two clocks are
// compared: who waits counts from when it saw the newest revision, who leads from before it wrote it.

import type { Clock, Leadership, Lease } from '@starling/shared';
import { HeldLease } from './held-lease.ts';
import type { LeaseRegister } from './lease-register.ts';

export interface LeaseOptions {
  /** Names this process among all that want to lead, and no other, ever. */
  readonly holder: string;
  /** A lease that was not renewed for this long is another's to take. */
  readonly leaseMs: number;
}

/** Shortest lease: a renewal takes a few messages among servers. */
export const LEASE_MS_MIN = 500;
/** Parts of a lease: it is renewed, and looked at, each time one of them is over. */
const PARTS = 4;

export class LeaseLeadership implements Leadership {
  readonly #register: LeaseRegister;
  readonly #clock: Clock;
  readonly #options: LeaseOptions;
  #held: HeldLease | undefined;

  /** @throws {RangeError} for a lease that is too short, or nobody's */
  constructor(register: LeaseRegister, clock: Clock, options: LeaseOptions) {
    if (!(options.leaseMs >= LEASE_MS_MIN)) {
      throw new RangeError(`leaseMs >= ${LEASE_MS_MIN} is violated: ${options.leaseMs}`);
    }
    if (options.holder === '') throw new RangeError('a lease needs the name of its holder');
    this.#register = register;
    this.#clock = clock;
    this.#options = options;
  }

  async acquire(signal: AbortSignal, onWaiting?: (holder: string) => void): Promise<Lease> {
    const { holder, leaseMs } = this.#options;
    let seen: { readonly revision: number; readonly sinceMs: number } | undefined;
    for (;;) {
      signal.throwIfAborted();
      const askedMs = this.#clock.monotonicMs();
      // Who cannot be asked has no lease to give; the servers are asked again.
      const read = await this.#register.read().catch(() => null);
      if (read !== null) {
        const { holder: other = '', revision = 0 } = read ?? {};
        const isOver = seen?.revision === revision && askedMs - seen.sinceMs >= leaseMs;
        if (other === '' || other === holder || isOver) {
          const lease = await this.#take(revision, read?.atMs);
          if (lease !== undefined) return lease;
          seen = undefined;
        } else {
          onWaiting?.(other);
          if (seen?.revision !== revision) {
            seen = { revision, sinceMs: this.#clock.monotonicMs() };
          }
        }
      }
      await this.#clock.sleep(leaseMs / PARTS, signal);
    }
  }

  async stop(): Promise<void> {
    await this.#held?.release();
    await this.#register.stop();
  }

  async #take(expected: number, formerAtMs: number | undefined): Promise<Lease | undefined> {
    const { holder, leaseMs } = this.#options;
    const startedMs = this.#clock.monotonicMs();
    const record = { holder, atMs: this.#clock.nowMs() };
    const revision = await this.#register.write(record, expected).catch(() => undefined);
    if (revision === undefined) return undefined;
    const formerUntilMs = formerAtMs === undefined ? 0 : formerAtMs + leaseMs;
    const terms = { formerUntilMs, holder, leaseMs, parts: PARTS };
    this.#held = new HeldLease(this.#register, this.#clock, terms, revision, startedMs);
    return this.#held;
  }
}
