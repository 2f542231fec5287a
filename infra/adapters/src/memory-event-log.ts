// EventLog in memory, for tests and simulations; it forgets when the process ends.

import { type EventLog, EventLogError, type NewEvent, type StoredEvent } from '@starling/shared';
import { copied } from './copied.ts';
import { assertAppend } from './event-limits.ts';

export class MemoryEventLog implements EventLog {
  readonly #events: StoredEvent[];
  #isStopped = false;

  /** @param events what an earlier log held, so that a test can restart a service over it */
  constructor(events: readonly StoredEvent[] = []) {
    this.#events = [...events];
  }

  /** Everything stored, in order. */
  snapshot(): readonly StoredEvent[] {
    return [...this.#events];
  }

  async head(): Promise<number> {
    this.#assertRunning();
    return this.#events.length;
  }

  async append(events: readonly NewEvent[], expectedHead: number): Promise<number> {
    this.#assertRunning();
    assertAppend(events);
    const head = this.#events.length;
    if (expectedHead !== head) {
      throw new EventLogError(
        'conflict',
        `the head is ${head}, the append expected ${expectedHead}`,
      );
    }
    for (const { atMs, type, payload } of events) {
      this.#events.push({ seq: this.#events.length + 1, atMs, type, payload: copied(payload) });
    }
    return this.#events.length;
  }

  async *read(from: number): AsyncIterable<StoredEvent> {
    this.#assertRunning();
    for (let at = Math.max(1, from); at <= this.#events.length; at++) {
      this.#assertRunning();
      const event = this.#events[at - 1];
      if (event !== undefined) yield { ...event, payload: copied(event.payload) };
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
  }

  #assertRunning(): void {
    if (this.#isStopped) throw new EventLogError('stopped', 'the event log was stopped');
  }
}
