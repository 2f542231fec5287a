// The strategy of an app that a federation trains: by name and options from the genesis, so that the
// coordinator and every voter make the same one.

import {
  type AggregationPolicy,
  type AppTask,
  settingsOf,
  type TrainingTask,
} from '@starling/shared';
import { RulesError } from '../rules-error.ts';
import { assertRunsOnSums } from '../strategies/secure-aggregation.ts';
import { SAMPLING_RULES } from '../strategies/select-nodes.ts';
import type { Strategy } from '../strategies/strategy.ts';
import { strategyNamed } from '../strategies/strategy-named.ts';

/** Strategies that need more of a node than its weights and its examples, and what. */
const NEED_MORE: ReadonlyMap<string, string> = new Map([
  ['SCAFFOLD', "each node's change of its control variate"],
  ['FedNova', "each node's number of local steps"],
  ['QFedAvg', "each node's loss before it trains"],
  ['FedBuff', 'updates that come without rounds'],
]);

/**
 * The strategy of a task, without any memory.
 * @throws {RulesError} `unknown-strategy`, `invalid-options`, `needs-updates`: what cannot be founded
 */
export function appStrategy(
  { options, strategy: name }: Pick<AppTask, 'options' | 'strategy'>,
  aggregation: AggregationPolicy,
): Strategy {
  const settings = settingsOf(options);
  const sampling = Object.keys(settings).find((key) => SAMPLING_KEYS.has(key));
  if (sampling !== undefined) {
    const message = `${sampling} has no place here: the coordinator asks every site that is ready`;
    throw new RulesError('invalid-options', message);
  }
  const strategy = strategyNamed(name, settings);
  const more = NEED_MORE.get(strategy.name);
  if (more !== undefined) {
    const advice = 'a federation sends weights and examples only; run it in a simulation';
    const message = `${strategy.name} needs ${more}: ${advice}, or take FedAvg, FedProx or FedAdam`;
    throw new RulesError('needs-updates', message);
  }
  if (aggregation.mode === 'masked') assertRunsOnSums(strategy);
  return strategy;
}

/** The app of a task. @throws {RulesError} `invalid-options` where the encoder is trained */
export function appOf({ app }: Pick<TrainingTask, 'app'>): AppTask {
  if (app !== null) return app;
  throw new RulesError('invalid-options', 'this federation trains the encoder, no app');
}

const SAMPLING_KEYS = new Set(
  Object.keys(SAMPLING_RULES)
    .filter((key) => key !== 'weightedByKey')
    .map((key) => key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)),
);
