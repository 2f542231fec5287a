// How a fit gets its samples: all at once, or block by block.

import { TrainingError } from '../training-error.ts';
import { BatchOrder } from './batch-order.ts';
import type { Feeds } from './feeds.ts';
import { FitMeter } from './fit-meter.ts';
import type { GraphHost, HostedRun } from './graph-host.ts';
import type { Program } from './program.ts';
import { SampleSet } from './sample-set.ts';
import { checkBatches, checkedDifficulty, sampleFeeds } from './samples.ts';
import { StepScalars } from './step-scalars.ts';
import type { Chunk } from './stepped-run.ts';
import { streamedPlan } from './streamed-plan.ts';
import type { LoadedTrainingTask, StreamedTrainingTask, TrainingTask } from './training-task.ts';

export type FitTask = TrainingTask | LoadedTrainingTask | StreamedTrainingTask;

export interface FitPlan {
  /** Feeds that every step reads, and the held set among them. */
  readonly fixed: Feeds;
  readonly held: number | undefined;
  readonly meter: FitMeter;
  /** Takes the run through all epochs; returns the samples of one. */
  advance(run: HostedRun): Promise<number>;
}

/** Epochs of one piece of work are bounded by the samples in them. */
const SEGMENT_SAMPLES = 1 << 16;

/** @throws TrainingError for samples that do not fit the program */
export function fitPlan(program: Program, task: FitTask, host: GraphHost): FitPlan {
  if (!('samples' in task)) {
    const { samples, feeds } = sampleFeeds(program, task);
    return wholePlan(program, task, samples, { fixed: feeds, held: undefined });
  }
  if (!(task.samples instanceof SampleSet))
    return streamedPlan(program, task as StreamedTrainingTask);
  const { size, held } = task.samples;
  if (task.samples.host !== host) {
    throw new TrainingError(
      'invalid-options',
      'the set was loaded by another trainer; load it here',
    );
  }
  return wholePlan(program, task as LoadedTrainingTask, size, { fixed: {}, held });
}

function wholePlan(
  program: Program,
  task: TrainingTask | LoadedTrainingTask,
  samples: number,
  data: Pick<FitPlan, 'fixed' | 'held'>,
): FitPlan {
  checkBatches(program, samples);
  const { batch } = program;
  const difficulty = checkedDifficulty(task, samples);
  const order = new BatchOrder(samples, batch, task.seed ?? 0, difficulty);
  const scalars = new StepScalars(program, task, order.stepsPerEpoch);
  const meter = new FitMeter(task, { samples, batch });
  return {
    ...data,
    meter,
    advance: async (run) => {
      await advanceThrough(run, task, { order, scalars, meter });
      return samples;
    },
  };
}

interface FitParts {
  readonly order: BatchOrder;
  readonly scalars: StepScalars;
  readonly meter: FitMeter;
}

/** All epochs, several at once where they are short and no schedule waits for their losses. */
async function advanceThrough(
  run: HostedRun,
  task: TrainingTask | LoadedTrainingTask,
  parts: FitParts,
): Promise<void> {
  const { order, scalars, meter } = parts;
  const { stepsPerEpoch, samples } = order;
  const most = scalars.isAdaptive ? 1 : Math.max(1, Math.floor(SEGMENT_SAMPLES / samples));
  const options = {
    signal: task.signal,
    onChunk: ({ gathered }: Chunk) => {
      for (let at = 0; at < gathered.length; ) {
        const left = stepsPerEpoch - (meter.steps % stepsPerEpoch);
        meter.add(gathered.subarray(at, at + left));
        if (meter.steps % stepsPerEpoch === 0) meter.endEpoch(samples);
        at += left;
      }
      meter.report(gathered);
    },
  };
  for (let epoch = 0; epoch < task.epochs; epoch += most) {
    const epochs = Math.min(most, task.epochs - epoch);
    const steps = epochs * stepsPerEpoch;
    const numbers = scalars.feeds(epoch * stepsPerEpoch, steps, meter.epochLosses);
    const shares = scalars.shares(epoch, epochs, meter.epochLosses);
    await run.advance(steps, { ...order.next(epochs, shares), ...numbers }, options);
  }
}
