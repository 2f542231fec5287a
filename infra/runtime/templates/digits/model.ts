// The model that all nodes train: a perceptron with one hidden layer over 14 × 14 pixels.

import { dense, relu, sequential, type TrainerOptions } from '@starling/training';
import { CLASSES, PIXELS } from './data.ts';

export const model = sequential([dense(64), relu(), dense(CLASSES)], { input: [PIXELS] });

/** Virtual nodes share a thread that may wait for them; a site should isolate training. */
export const IN_THIS_THREAD: TrainerOptions = { engine: 'native', isolate: 'none' };
