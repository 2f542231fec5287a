// Processor seconds of one party of a protocol, and how long it held the event loop at a stretch.

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { scheduler, setTimeout as sleep } from 'node:timers/promises';
import type { Pace } from '@starling/crypto';

/** How often the event loop is looked at. */
const RESOLUTION_MS = 1;

export class CpuMeter {
  seconds = 0;
  /** By the clock, so other processes count while they hold the processor. */
  longestTurnMs = 0;
  /** The longest turn's own processor time. */
  longestTurnCpuMs = 0;

  /** Counts synchronous work. */
  run<T>(work: () => T): T {
    const started = process.cpuUsage();
    const value = work();
    this.#count(started);
    return value;
  }

  /** Counts work that gives way. Nothing else runs in the process meanwhile. */
  async runInTurns<T>(work: (pace: Pace) => Promise<T>): Promise<T> {
    const turns = new Turns();
    const started = process.cpuUsage();
    const value = await work(turns);
    this.#count(started);
    turns.end();
    this.longestTurnCpuMs = Math.max(this.longestTurnCpuMs, turns.longestMs);
    return value;
  }

  /** As `runInTurns`, and looks at the event loop meanwhile. */
  async watch<T>(work: (pace: Pace) => Promise<T>): Promise<T> {
    const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    delays.enable();
    // The first look only notes the time.
    await sleep(3 * RESOLUTION_MS);
    delays.reset();
    const value = await this.runInTurns(work);
    await sleep(3 * RESOLUTION_MS);
    delays.disable();
    this.longestTurnMs = Math.max(this.longestTurnMs, delays.max / 1e6 - RESOLUTION_MS);
    return value;
  }

  #count(started: NodeJS.CpuUsage): void {
    const { system, user } = process.cpuUsage(started);
    this.seconds += (system + user) / 1e6;
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
