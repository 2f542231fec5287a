// A fit on a stream of samples: while one block is trained on, the next one is read.

import { TrainingError } from '../training-error.ts';
import { FitMeter } from './fit-meter.ts';
import type { FitPlan } from './fit-plan.ts';
import type { HostedRun } from './graph-host.ts';
import type { Program } from './program.ts';
import { type SampleBlock, sampleBlocks } from './sample-stream.ts';
import { StepScalars } from './step-scalars.ts';
import type { Chunk } from './stepped-run.ts';
import type { StreamedTrainingTask } from './training-task.ts';

export const DEFAULT_SHUFFLE_BUFFER = 16_384;
export const SHUFFLE_BUFFER_MAX = 2 ** 24;

/** @throws TrainingError `invalid-options` */
export function streamedPlan(program: Program, task: StreamedTrainingTask): FitPlan {
  const { batch } = program;
  const { examples, shuffleBuffer = Math.max(DEFAULT_SHUFFLE_BUFFER, batch) } = task;
  checkSettings(task, shuffleBuffer, batch);
  const stepsPerEpoch =
    examples === undefined ? Number.POSITIVE_INFINITY : Math.ceil(examples / batch);
  const parts = {
    scalars: new StepScalars(program, task, stepsPerEpoch),
    meter: new FitMeter(task, { batch, samples: examples }),
  };
  return {
    fixed: {},
    held: undefined,
    meter: parts.meter,
    advance: async (run) => {
      const ending = new AbortController();
      const signals = [ending.signal, ...(task.signal ? [task.signal] : [])];
      const signal = AbortSignal.any(signals);
      const { samples, epochs, seed = 0 } = task;
      const settings = { samples, shuffleBuffer, examples, epochs, seed, signal };
      try {
        return await advanceThrough(run, task, sampleBlocks(program, settings), parts);
      } finally {
        ending.abort();
      }
    },
  };
}

async function advanceThrough(
  run: HostedRun,
  task: StreamedTrainingTask,
  blocks: AsyncGenerator<SampleBlock, void, undefined>,
  { scalars, meter }: { readonly scalars: StepScalars; readonly meter: FitMeter },
): Promise<number> {
  let samples = 0;
  for (let next = readAhead(blocks); ; ) {
    const { done, value: block } = await next;
    if (done) return samples;
    next = readAhead(blocks);
    const { steps, perStep, feeds, endsEpochOf } = block;
    const numbers = scalars.feeds(meter.steps, steps, meter.epochLosses);
    const from = meter.steps;
    await run.advance(
      steps,
      { ...perStep, ...numbers },
      {
        signal: task.signal,
        block: feeds,
        onChunk: ({ gathered }: Chunk) => {
          meter.add(gathered);
          if (endsEpochOf !== undefined && meter.steps === from + steps)
            meter.endEpoch(endsEpochOf);
          meter.report(gathered);
        },
      },
    );
    samples = endsEpochOf ?? samples;
  }
}

/** The block that comes; its failure is heard where it is awaited. */
function readAhead(blocks: AsyncGenerator<SampleBlock, void, undefined>) {
  const next = blocks.next();
  next.catch(() => {});
  return next;
}

function checkSettings(
  { examples, curriculum }: StreamedTrainingTask & { readonly curriculum?: unknown },
  shuffleBuffer: number,
  batch: number,
): void {
  const rules: Readonly<Record<string, boolean>> = {
    [`shuffleBuffer is ${shuffleBuffer}: a whole number ${batch} (a batch) … ${SHUFFLE_BUFFER_MAX}`]:
      Number.isInteger(shuffleBuffer) &&
      shuffleBuffer >= batch &&
      shuffleBuffer <= SHUFFLE_BUFFER_MAX,
    [`examples is ${examples}: a whole number from 1 on`]:
      examples === undefined || (Number.isSafeInteger(examples) && examples >= 1),
    'a curriculum needs all samples at once; fit arrays or a loaded set': curriculum === undefined,
  };
  const violated = Object.keys(rules).find((rule) => !rules[rule]);
  if (violated !== undefined) throw new TrainingError('invalid-options', violated);
}
