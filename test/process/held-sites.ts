// Sites of a running federation that a test stops, lets go on and kills by their process ids. A
// stopped process says nothing: whoever waits for it shows where it stands.

import { join } from 'node:path';
import { LocalClient } from '@starling/runtime';
import type { RoundPhase } from '@starling/shared';
import type { ExecutionContext } from 'ava';
import { isRunning, servedBelow } from './launched.ts';

/** Where the newest round stands, and for whose answer it waits, by site name. */
export interface RoundStanding {
  readonly round: number;
  readonly phase: RoundPhase;
  readonly awaited: readonly string[];
}

export class HeldSites {
  readonly #home: string;
  readonly #stopped = new Set<number>();

  /** @param home folder of the federation; what is still stopped at the end of the test goes on */
  constructor(t: ExecutionContext, home: string) {
    this.#home = home;
    t.teardown(() => this.letAllGo());
  }

  /** False when the site does not run. */
  stop(site: string): boolean {
    const pid = this.#signal(site, 'SIGSTOP');
    if (pid !== undefined) this.#stopped.add(pid);
    return pid !== undefined;
  }

  letGo(site: string): void {
    const pid = this.#signal(site, 'SIGCONT');
    if (pid !== undefined) this.#stopped.delete(pid);
  }

  kill(site: string): void {
    const pid = this.#signal(site, 'SIGKILL');
    if (pid !== undefined) this.#stopped.delete(pid);
  }

  letAllGo(): void {
    for (const pid of this.#stopped) if (isRunning(pid)) process.kill(pid, 'SIGCONT');
    this.#stopped.clear();
  }

  /** Undefined while no masked round goes on. */
  async standing(): Promise<RoundStanding | undefined> {
    try {
      const client = await LocalClient.open(join(this.#home, 'coordinator'));
      const { members, rounds } = await client.coordinatorStatus();
      const last = rounds.at(-1);
      if (last === undefined || last.masked === null) return undefined;
      const awaited = new Set(last.masked.awaited);
      const sites = members.filter(({ member }) => awaited.has(member)).map(({ site }) => site);
      return { round: last.round, phase: last.phase, awaited: sites.sort() };
    } catch {
      // It is not there yet.
      return undefined;
    }
  }

  #signal(site: string, signal: NodeJS.Signals): number | undefined {
    const pid = servedBelow(this.#home).get(site);
    if (pid === undefined || !isRunning(pid)) return undefined;
    process.kill(pid, signal);
    return pid;
  }
}
