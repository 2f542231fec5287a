// Simulations in this process, between which the event loop gets its turn: Ctrl-C works, progress
// is told.

import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type Simulation,
  type SimulationSpec,
  simulateStepwise,
  specObjection,
} from '@starling/consensus';
import { digestOf } from '@starling/crypto';
import { RuntimeError } from '../runtime-error.ts';

export interface SimulationOptions {
  readonly signal: AbortSignal;
  /** Told now and then. */
  readonly onProgress?: (done: number, runs: number) => void;
}

/** Longest time without a look at the signal, but for a run that takes longer. */
const TURN_MS = 40;

/**
 * Runs a simulation; its digest is SHA3-256.
 * @throws {RuntimeError} `invalid-option` that names the inequality which the spec violates
 */
export async function runSimulation(
  spec: SimulationSpec,
  { onProgress, signal }: SimulationOptions,
): Promise<Simulation> {
  assertSimulable(spec);
  const steps = simulateStepwise(spec, { digestOf });
  let turnMs = performance.now();
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    if (performance.now() - turnMs < TURN_MS) continue;
    onProgress?.(value, spec.runs);
    await nextTurn();
    signal.throwIfAborted();
    turnMs = performance.now();
  }
}

/** @throws {RuntimeError} `invalid-option` that names the inequality which the spec violates */
export function assertSimulable(spec: SimulationSpec): void {
  const objection = specObjection(spec);
  if (objection !== undefined) throw new RuntimeError('invalid-option', objection);
}

/** One line for each run, under a heading. */
export function simulationCsv({ runs, unit }: Simulation): string {
  const lines = runs.map(({ bytes, ending, first, last, messages, polls }, run) =>
    [run, ending, first ?? '', last, polls, messages, bytes].join(','),
  );
  return [`run,ending,first_${unit},last_${unit},polls,messages,bytes`, ...lines, ''].join('\n');
}
