// Entry point of the engine process: runs the graphs of one program for its owner, and ends with it.

import assert from 'node:assert/strict';
import { TrainingError } from '../training-error.ts';
import type { EngineReply, EngineRequest, EngineResult } from './engine-messages.ts';
import { createSessions, HeldSets } from './graph-host.ts';
import { SteppedRun } from './stepped-run.ts';

interface Run {
  readonly stepped: SteppedRun;
  readonly controller: AbortController;
}

const runs = new Map<number, Run>();
/** Runs that were aborted before they began. */
const givenUp = new Set<number>();
const sets = new HeldSets();
let sessions: ReturnType<typeof createSessions> | undefined;
let last: Promise<void> = Promise.resolve();

assert(process.send !== undefined, 'engine-worker runs as a child process only');
process.on('disconnect', () => process.exit());
process.on('message', (request: EngineRequest) => {
  if (request.kind === 'abort') {
    const run = runs.get(request.run);
    run?.controller.abort();
    if (!runs.delete(request.run)) givenUp.add(request.run);
    return;
  }
  last = last.then(() => serve(request));
});

async function serve(request: Exclude<EngineRequest, { kind: 'abort' }>): Promise<void> {
  const { id } = request;
  try {
    reply({ kind: 'done', id, result: await handle(request) });
  } catch (error) {
    const code = error instanceof TrainingError ? error.code : undefined;
    const message = String(error instanceof Error ? error.message : error);
    reply({ kind: 'failed', id, code, message });
  }
}

async function handle(request: Exclude<EngineRequest, { kind: 'abort' }>): Promise<EngineResult> {
  switch (request.kind) {
    case 'load':
      sessions = createSessions(request.program);
      return {};
    case 'begin': {
      assert(sessions !== undefined, 'a program is loaded first');
      if (givenUp.delete(request.run)) throw new TrainingError('aborted', 'the run was given up');
      const start = sets.joinedWith(request.start);
      const stepped = new SteppedRun(await sessions.open(request.graph), start);
      runs.set(request.run, { stepped, controller: new AbortController() });
      return {};
    }
    case 'advance': {
      const { stepped, controller } = runOf(request.run);
      try {
        const gathered = await stepped.advance(request.steps, request.perStep, {
          signal: controller.signal,
          block: request.block,
          onChunk: (chunk) => reply({ kind: 'chunk', id: request.id, ...chunk }),
        });
        return { gathered };
      } catch (error) {
        runs.delete(request.run);
        throw error;
      }
    }
    case 'hold':
      sets.set(request.held, request.feeds);
      return {};
    case 'letGo':
      sets.delete(request.held);
      return {};
    case 'finish': {
      const { carried } = runOf(request.run).stepped;
      runs.delete(request.run);
      return { carried };
    }
  }
}

function runOf(id: number): Run {
  const run = runs.get(id);
  if (run === undefined) throw new TrainingError('aborted', 'the run was given up');
  return run;
}

function reply(message: EngineReply): void {
  process.send?.(message);
}
