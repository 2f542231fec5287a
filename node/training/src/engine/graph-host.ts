// Where graphs run: in this thread, or in a child process (process-host.ts).

import assert from 'node:assert/strict';
import { TrainingError } from '../training-error.ts';
import type { Feeds } from './feeds.ts';
import { type Engine, openSession, type Session } from './session.ts';
import { type AdvanceOptions, type RunStart, SteppedRun } from './stepped-run.ts';

export type GraphName = 'training' | 'evaluation' | 'prediction';

/** A program as plain data. */
export interface HostedProgram {
  readonly engine: Engine;
  readonly threads: number;
  readonly graphs: Readonly<Record<GraphName, Uint8Array | undefined>>;
}

/** One run that is under way in a host. */
export interface HostedRun {
  advance(steps: number, perStep: Feeds, options: AdvanceOptions): Promise<Float32Array>;
  /** Ends the run and returns what it carried. */
  finish(): Promise<Feeds>;
  /** Ends the run without a result. */
  giveUp(): void;
}

/** Port: something that runs the graphs of a program. */
export interface GraphHost {
  /** @throws TrainingError `aborted` when the signal fires before the run has begun */
  begin(graph: GraphName, start: RunStart, signal?: AbortSignal): Promise<HostedRun>;
  /** Keeps feeds where the graphs run, for `RunStart.held`; returns their number. */
  hold(feeds: Feeds): number;
  letGo(held: number): void;
  /** Ends everything; runs under way reject with `stopped`. */
  stop(): Promise<void>;
}

/** Runs graphs in the calling thread, which each chunk blocks for about a seventh of a second. */
export function createLocalHost(program: HostedProgram): GraphHost {
  const sessions = createSessions(program);
  const sets = new HeldSets();
  return {
    hold: (feeds) => sets.add(feeds),
    letGo: (held) => void sets.delete(held),
    begin: async (graph, start) => {
      const run = new SteppedRun(await sessions.open(graph), sets.joinedWith(start));
      return {
        advance: (steps, perStep, options) => run.advance(steps, perStep, options),
        finish: async () => run.carried,
        giveUp: () => {},
      };
    },
    stop: () => sessions.close(),
  };
}

/** Feeds that outlive runs, by number. */
export class HeldSets {
  readonly #sets = new Map<number, Feeds>();
  #next = 0;

  add(feeds: Feeds): number {
    const held = this.#next++;
    this.#sets.set(held, feeds);
    return held;
  }

  set(held: number, feeds: Feeds): void {
    this.#sets.set(held, feeds);
  }

  delete(held: number): boolean {
    return this.#sets.delete(held);
  }

  /** @throws TrainingError `invalid-options` when nobody holds them any more */
  of(held: number): Feeds {
    const feeds = this.#sets.get(held);
    if (feeds !== undefined) return feeds;
    throw new TrainingError('invalid-options', 'the set was released; load it again');
  }

  /** The start of a run with the held feeds among the fixed ones. */
  joinedWith(start: RunStart): RunStart {
    if (start.held === undefined) return start;
    return { ...start, fixed: { ...this.of(start.held), ...start.fixed } };
  }
}

/** One session per graph, opened when it is first needed. */
export function createSessions({ engine, threads, graphs }: HostedProgram) {
  const opened = new Map<GraphName, Promise<Session>>();
  return {
    open: (graph: GraphName): Promise<Session> => {
      const known = opened.get(graph);
      if (known !== undefined) return known;
      const bytes = graphs[graph];
      assert(bytes !== undefined, `the program has no graph ${graph}`);
      const session = openSession(bytes, { engine, threads });
      opened.set(graph, session);
      return session;
    },
    close: async (): Promise<void> => {
      const sessions = [...opened.values()];
      opened.clear();
      for (const session of sessions) await (await session).close();
    },
  };
}
