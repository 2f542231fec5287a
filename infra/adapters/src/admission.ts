// The door of a bus: it asks the rule that `admitOnly` set, and keeps whoever must wait for a
// decision until the rule is set again or the connection is gone.

import type { Admission, AdmissionRule, ConnectionId, TransportId } from '@starling/shared';

/** Requests of one connection that wait for its proof; more are refused. */
export const ADMISSION_WAITING_MAX = 32;

/** What is asked: may this peer, on this connection or on any, do that? */
export interface Ask {
  readonly peer: TransportId;
  readonly use: string;
  readonly connection?: ConnectionId;
}

interface Waiter {
  readonly ask: Ask;
  readonly isPatient: boolean;
  readonly settle: (isAdmitted: boolean) => void;
}

export interface WaitOptions {
  /** A `no` may turn into a `yes` while the connection lasts; without it a `no` is final. */
  readonly isPatient?: boolean;
  readonly signal?: AbortSignal;
}

export class Admissions {
  #rule: AdmissionRule = () => true;
  readonly #waiters = new Set<Waiter>();

  ask({ peer, use, connection }: Ask): Admission {
    return this.#rule(peer, use, connection);
  }

  /** True for a plain yes: `later` is none. */
  admits(ask: Ask): boolean {
    return this.ask(ask) === true;
  }

  /** Sets the rule and asks it about everyone who waits. */
  set(rule: AdmissionRule): void {
    this.#rule = rule;
    for (const waiter of [...this.#waiters]) {
      const answer = this.ask(waiter.ask);
      if (answer === true) waiter.settle(true);
      else if (answer === false && !waiter.isPatient) waiter.settle(false);
    }
  }

  /** The answer, when it is no `later` any more; false when the connection went before or the
   * signal fired, or too many wait already. */
  async decided(ask: Ask, { isPatient = false, signal }: WaitOptions = {}): Promise<boolean> {
    const now = this.ask(ask);
    if (now === true || (now === false && !isPatient)) return now;
    if (signal?.aborted === true) return false;
    if (!isPatient && this.#waitingAt(ask) >= ADMISSION_WAITING_MAX) return false;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const giveUp = (): void => waiter.settle(false);
    const waiter: Waiter = {
      ask,
      isPatient,
      settle: (isAdmitted) => {
        this.#waiters.delete(waiter);
        signal?.removeEventListener('abort', giveUp);
        resolve(isAdmitted);
      },
    };
    this.#waiters.add(waiter);
    signal?.addEventListener('abort', giveUp, { once: true });
    return promise;
  }

  /** A connection closed: whoever waits on it is refused, and on the peer when it was the last. */
  closed(peer: TransportId, connection: ConnectionId, isLast: boolean): void {
    for (const { ask, settle } of [...this.#waiters]) {
      const isItsOwn = ask.connection === connection;
      if (isItsOwn || (isLast && ask.peer === peer && ask.connection === undefined)) settle(false);
    }
  }

  #waitingAt({ peer, connection }: Ask): number {
    let waiting = 0;
    for (const { ask, isPatient } of this.#waiters) {
      if (!isPatient && ask.peer === peer && ask.connection === connection) waiting++;
    }
    return waiting;
  }
}
