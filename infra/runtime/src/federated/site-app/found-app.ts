// What a federation agrees on when it is founded to train an app: files, starting weights, settings,
// strategy. The coordinator needs the app's folder here and never again.

import { payloadRef } from '@starling/crypto';
import { appStrategy, type Strategy } from '@starling/rules';
import {
  type AggregationPolicy,
  AppError,
  type AppTask,
  type ConfigRecord,
  PARAMETERS_MAX,
  tensorToBytes,
} from '@starling/shared';
import { refuseTelemetry } from '@starling/training';
import type { AppFolder } from '../app/app-folder.ts';
import { loadServer } from '../app/load-app.ts';
import { appDigest } from './app-digest.ts';

export interface AppFounding {
  readonly seed: number;
  readonly runConfig: ConfigRecord;
  readonly aggregation: AggregationPolicy;
  /** In place of the one that the app's server names. */
  readonly strategy?: { readonly name: string; readonly options: ConfigRecord } | undefined;
}

export interface FoundedApp {
  readonly task: AppTask;
  /** Version 0, `[elements]`. */
  readonly initial: Float32Array;
}

/**
 * @throws AppError `invalid-app`, `invalid-options`
 * @throws {RulesError} `unknown-strategy`, `invalid-options`, `needs-updates`
 */
export async function foundApp(app: AppFolder, founding: AppFounding): Promise<FoundedApp> {
  const { aggregation, runConfig, seed } = founding;
  // The app's modules may open a session of their own.
  refuseTelemetry();
  const run = await (await loadServer(app.server)).start({ runConfig, seed });
  const { name, options } = founding.strategy ?? strategyOf(run.strategy);
  const initial = weightsOf(app, run.checkpoint.arrays['model']);
  const task: AppTask = {
    config: JSON.stringify(runConfig),
    digest: await appDigest(app.folder),
    elements: initial.length,
    initial: payloadRef(tensorToBytes(initial)).root,
    name: app.name,
    options: JSON.stringify(options),
    strategy: name,
  };
  appStrategy(task, aggregation);
  return { task, initial };
}

/** What `initial` gave, if it is a model. @throws AppError `invalid-app` */
export function weightsOf(app: AppFolder, weights: Float32Array | undefined): Float32Array {
  if (weights !== undefined && weights.length > 0 && weights.length <= PARAMETERS_MAX) {
    return weights;
  }
  const found = weights === undefined ? 'none' : `${weights.length} numbers`;
  const message = `"initial" of ${app.name} gives ${found} as model, expected 1 … ${PARAMETERS_MAX}`;
  throw new AppError('invalid-app', message);
}

/** By name and options, as the genesis has it: without whom to ask, which the coordinator decides. */
function strategyOf(strategy: Strategy): { name: string; options: ConfigRecord } {
  const { strategy: name, ...options } = strategy.summary();
  const kept = Object.entries(options).filter(([key]) => !/^(fraction|min)[A-Z]/.test(key));
  const asked = options['fractionTrain'];
  if (typeof asked === 'number' && asked !== 1) {
    const message = `the app asks a share of ${asked} of the nodes: a federation asks every site; set it to 1, or name a --strategy`;
    throw new AppError('invalid-options', message);
  }
  return {
    name: String(name),
    options: Object.fromEntries(kept.map(([key, value]) => [kebab(key), value])),
  };
}

/** `etaL` → `eta-l`, `beta1` → `beta-1`, as `strategyNamed` takes them. */
function kebab(option: string): string {
  return option.replaceAll(/[A-Z]|\d+/g, (part) => `-${part.toLowerCase()}`);
}
