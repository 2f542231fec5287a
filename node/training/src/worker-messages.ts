// What a training worker and its owner say to each other over the worker's port.
import type { FitProgress, FitResult, FitTask } from './trainer.ts';
import type { TrainingErrorCode } from './training-error.ts';

export type WorkerRequest =
  | { readonly kind: 'fit'; readonly id: number; readonly task: FitTask }
  | { readonly kind: 'abort'; readonly id: number };

export type WorkerReply =
  | { readonly kind: 'progress'; readonly id: number; readonly progress: FitProgress }
  | { readonly kind: 'done'; readonly id: number; readonly result: FitResult }
  | {
      readonly kind: 'failed';
      readonly id: number;
      /** Undefined when the engine failed by a defect of its own. */
      readonly code: TrainingErrorCode | undefined;
      readonly message: string;
      readonly step: number | undefined;
    };
