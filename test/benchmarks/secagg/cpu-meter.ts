// Processor seconds of one party of a protocol by what it does, and how long it held the event loop at
// a stretch. The thread's own time counts: the collector's helpers see to a whole simulation's memory.

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { scheduler, setTimeout as sleep } from 'node:timers/promises';
import type { Pace } from '@starling/crypto';

/** How often the event loop is looked at. */
const RESOLUTION_MS = 1;

export class CpuMeter {
  /** Seconds by part, in the order in which they first came. */
  parts: ReadonlyMap<string, number> = new Map();
  /** By the clock, so other processes count while they hold the processor. */
  longestTurnMs = 0;
  /** The longest turn's own processor time. */
  longestTurnCpuMs = 0;

  get seconds(): number {
    return [...this.parts.values()].reduce((sum, seconds) => sum + seconds, 0);
  }

  /** Counts synchronous work. */
  run<T>(part: string, work: () => T): T {
    const started = process.threadCpuUsage();
    const value = work();
    this.#count(part, started);
    return value;
  }

  /** Counts work that gives way. Nothing else runs in the process meanwhile. */
  async runInTurns<T>(part: string, work: (pace: Pace) => Promise<T>): Promise<T> {
    const turns = new Turns();
    const started = process.threadCpuUsage();
    const value = await work(turns);
    this.#count(part, started);
    turns.end();
    this.longestTurnCpuMs = Math.max(this.longestTurnCpuMs, turns.longestMs);
    return value;
  }

  /** As `runInTurns`, and looks at the event loop meanwhile. */
  async watch<T>(part: string, work: (pace: Pace) => Promise<T>): Promise<T> {
    const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    delays.enable();
    // The first look only notes the time.
    await sleep(3 * RESOLUTION_MS);
    delays.reset();
    const value = await this.runInTurns(part, work);
    await sleep(3 * RESOLUTION_MS);
    delays.disable();
    this.longestTurnMs = Math.max(this.longestTurnMs, delays.max / 1e6 - RESOLUTION_MS);
    return value;
  }

  #count(part: string, started: NodeJS.CpuUsage): void {
    const { system, user } = process.threadCpuUsage(started);
    const seconds = (this.parts.get(part) ?? 0) + (system + user) / 1e6;
    this.parts = new Map(this.parts).set(part, seconds);
  }
}

class Turns implements Pace {
  longestMs = 0;
  #started = process.threadCpuUsage();

  async pause(): Promise<void> {
    this.end();
    await scheduler.yield();
    this.#started = process.threadCpuUsage();
  }

  end(): void {
    const { system, user } = process.threadCpuUsage(this.#started);
    this.longestMs = Math.max(this.longestMs, (system + user) / 1000);
  }
}
