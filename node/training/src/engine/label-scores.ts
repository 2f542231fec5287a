// Loss and accuracy of logits against class labels.

import type { Targets } from './samples.ts';

export interface LabelScores {
  /** Mean softmax cross-entropy. */
  readonly loss: number;
  /** Share of samples whose largest logit is their label's alone. */
  readonly accuracy: number;
}

/** Logits `[samples × classes]`, one label per sample. A tie with another class is no hit. */
export function labelScores(logits: Float32Array, labels: Targets): LabelScores {
  const classes = logits.length / labels.length;
  let loss = 0;
  let hits = 0;
  for (let sample = 0; sample < labels.length; sample++) {
    const row = logits.subarray(sample * classes, (sample + 1) * classes);
    const own = row[labels[sample] ?? 0] ?? Number.NaN;
    const largest = row.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
    const total = row.reduce((sum, value) => sum + Math.exp(value - largest), 0);
    loss += Math.log(total) + largest - own;
    if (own === largest && row.indexOf(own) === row.lastIndexOf(own)) hits++;
  }
  return { loss: loss / labels.length, accuracy: hits / labels.length };
}
