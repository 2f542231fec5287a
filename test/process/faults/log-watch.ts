// The log of a running federation, read beside its coordinators: what was durable once must stay.

import { createHash } from 'node:crypto';
import { openNatsEventLog } from '@starling/adapters';
import { decodeEvent, type FederationState, foldEvent } from '@starling/rules';
import type { EventLog, StoredEvent } from '@starling/shared';

export class LogWatch {
  readonly #log: EventLog;
  /** Digest of each event that was seen, the first one first. */
  readonly #seen: string[] = [];
  #state: FederationState | undefined;
  readonly #types: string[] = [];
  /** Why rounds failed, in words. */
  readonly failures: string[] = [];

  private constructor(log: EventLog) {
    this.#log = log;
  }

  static async open(servers: readonly string[], stream: string): Promise<LogWatch> {
    const options = { log: stream, mustExist: true, name: 'watch', replicas: 3, servers } as const;
    return new LogWatch(await openNatsEventLog(options));
  }

  /** Folds what is new; what an election hides for a moment is seen by the next look. */
  async look(): Promise<{ readonly state: FederationState; readonly types: readonly string[] }> {
    for await (const stored of this.#log.read(this.#seen.length + 1)) {
      const event = decodeEvent(stored);
      this.#state = foldEvent(this.#state, event);
      this.#types.push(event.type);
      if (event.type === 'round-failed') this.failures.push(event.payload.reason);
      this.#seen.push(digestOf(stored));
    }
    if (this.#state === undefined) throw new Error('the log is empty');
    return { state: this.#state, types: this.#types };
  }

  /** Reads everything again. @returns how many events that were seen are gone or not the same */
  async lost(): Promise<number> {
    const now: string[] = [];
    for await (const stored of this.#log.read(1)) now.push(digestOf(stored));
    return this.#seen.filter((digest, i) => now[i] !== digest).length;
  }

  stop(): Promise<void> {
    return this.#log.stop();
  }
}

function digestOf({ atMs, payload, seq, type }: StoredEvent): string {
  return createHash('sha256').update(`${seq} ${atMs} ${type}\n`).update(payload).digest('hex');
}
