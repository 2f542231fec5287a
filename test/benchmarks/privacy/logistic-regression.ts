// Logistic regression, by gradients of single examples, and what its predictions are worth.

import { type Examples, FEATURES } from './heart-disease.ts';

/** Gradients of the log-loss, `[rows × FEATURES]`. */
export function exampleGradients(weights: Float64Array, examples: Examples): Float64Array {
  const { features, labels, rows } = examples;
  const gradients = new Float64Array(rows * FEATURES);
  for (let row = 0; row < rows; row++) {
    const error = probability(weights, features, row) - (labels[row] as number);
    for (let i = 0; i < FEATURES; i++) {
      gradients[row * FEATURES + i] = error * (features[row * FEATURES + i] as number);
    }
  }
  return gradients;
}

/** Mean of the gradients, `[FEATURES]`. */
export function meanGradient(weights: Float64Array, examples: Examples): Float64Array {
  const gradients = exampleGradients(weights, examples);
  const mean = new Float64Array(FEATURES);
  for (let at = 0; at < gradients.length; at++) {
    const i = at % FEATURES;
    mean[i] = (mean[i] as number) + (gradients[at] as number) / examples.rows;
  }
  return mean;
}

export function descend(weights: Float64Array, gradient: Float64Array, rate: number): void {
  for (let i = 0; i < FEATURES; i++) {
    weights[i] = (weights[i] as number) - rate * (gradient[i] as number);
  }
}

/** Share of examples on the right side of one half. */
export function accuracyOf(weights: Float64Array, examples: Examples): number {
  let right = 0;
  for (let row = 0; row < examples.rows; row++) {
    const isPositive = probability(weights, examples.features, row) > 0.5;
    if (isPositive === (examples.labels[row] === 1)) right++;
  }
  return right / examples.rows;
}

/** Area under the ROC curve: how often a sick person ranks above a healthy one. */
export function areaUnderCurve(weights: Float64Array, examples: Examples): number {
  const scored = Array.from({ length: examples.rows }, (_, row) => ({
    score: probability(weights, examples.features, row),
    isPositive: examples.labels[row] === 1,
  })).sort((a, b) => a.score - b.score);
  let negatives = 0;
  let ordered = 0;
  for (const { isPositive } of scored) {
    if (isPositive) ordered += negatives;
    else negatives++;
  }
  return ordered / (negatives * (examples.rows - negatives));
}

function probability(weights: Float64Array, features: Float64Array, row: number): number {
  let logit = 0;
  for (let i = 0; i < FEATURES; i++) {
    logit += (weights[i] as number) * (features[row * FEATURES + i] as number);
  }
  return 1 / (1 + Math.exp(-logit));
}
