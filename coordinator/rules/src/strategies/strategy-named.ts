// Strategies by the names that Flower's users know, with the kebab-case options of config files.

import type { ConfigRecord } from '@starling/shared';
import { RulesError } from '../rules-error.ts';
import { Bulyan } from './bulyan.ts';
import { CENTERED_CLIPPING_RULES, CenteredClipping } from './centered-clipping.ts';
import { FedAdagrad } from './fed-adagrad.ts';
import { FED_ADAM_RULES, FedAdam } from './fed-adam.ts';
import { FedAvg } from './fed-avg.ts';
import { FED_AVG_M_RULES, FedAvgM } from './fed-avg-m.ts';
import { FED_BUFF_RULES, FedBuff } from './fed-buff.ts';
import { FedMedian } from './fed-median.ts';
import { FED_NOVA_RULES, FedNova } from './fed-nova.ts';
import { FED_OPT_RULES } from './fed-opt.ts';
import { FED_PROX_RULES, FedProx } from './fed-prox.ts';
import { FED_TRIMMED_AVG_RULES, FedTrimmedAvg } from './fed-trimmed-avg.ts';
import { FED_YOGI_RULES, FedYogi } from './fed-yogi.ts';
import { GEOMETRIC_MEDIAN_RULES, GeometricMedian } from './geometric-median.ts';
import { GroupMeans } from './group-means.ts';
import { KRUM_RULES, Krum } from './krum.ts';
import { MULTI_KRUM_RULES, MultiKrum } from './multi-krum.ts';
import { NORM_BOUNDED_AVG_RULES, NormBoundedAvg } from './norm-bounded-avg.ts';
import { Q_FED_AVG_RULES, QFedAvg } from './q-fed-avg.ts';
import { SCAFFOLD_RULES, Scaffold } from './scaffold.ts';
import { SAMPLING_RULES } from './select-nodes.ts';
import type { Strategy } from './strategy.ts';

interface Entry {
  readonly make: new (options: object) => Strategy;
  readonly rules: object;
}

const ENTRIES: Readonly<Record<string, Entry>> = {
  FedAvg: { make: FedAvg, rules: SAMPLING_RULES },
  FedProx: { make: FedProx, rules: FED_PROX_RULES },
  FedAvgM: { make: FedAvgM, rules: FED_AVG_M_RULES },
  FedAdagrad: { make: FedAdagrad, rules: FED_OPT_RULES },
  FedAdam: { make: FedAdam, rules: FED_ADAM_RULES },
  FedYogi: { make: FedYogi, rules: FED_YOGI_RULES },
  SCAFFOLD: { make: Scaffold, rules: SCAFFOLD_RULES },
  FedNova: { make: FedNova, rules: FED_NOVA_RULES },
  QFedAvg: { make: QFedAvg, rules: Q_FED_AVG_RULES },
  FedMedian: { make: FedMedian, rules: SAMPLING_RULES },
  FedTrimmedAvg: { make: FedTrimmedAvg, rules: FED_TRIMMED_AVG_RULES },
  Krum: { make: Krum, rules: KRUM_RULES },
  MultiKrum: { make: MultiKrum, rules: MULTI_KRUM_RULES },
  Bulyan: { make: Bulyan, rules: KRUM_RULES },
  GeometricMedian: { make: GeometricMedian, rules: GEOMETRIC_MEDIAN_RULES },
  CenteredClipping: { make: CenteredClipping, rules: CENTERED_CLIPPING_RULES },
  NormBoundedAvg: { make: NormBoundedAvg, rules: NORM_BOUNDED_AVG_RULES },
  FedBuff: { make: FedBuff, rules: FED_BUFF_RULES },
};

/** All names that `strategyNamed` takes. */
export const STRATEGY_NAMES: readonly string[] = Object.freeze(Object.keys(ENTRIES));

/** The option that puts a robust rule over the means of groups. */
const GROUP_SIZE = 'group-size';

/**
 * A strategy by name, `FedAdam` or `fed-adam`, with options such as `beta-1` or `min-train-nodes`.
 * `group-size` puts a robust rule over the means of groups.
 * @throws {RulesError} `unknown-strategy` and `invalid-options`, listing what there is
 */
export function strategyNamed(name: string, options: ConfigRecord = {}): Strategy {
  const found = Object.entries(ENTRIES).find(([known]) => plain(known) === plain(name));
  if (found === undefined) {
    const message = `there is no strategy ${name}; there are ${STRATEGY_NAMES.join(', ')}`;
    throw new RulesError('unknown-strategy', message);
  }
  const [known, { make: Made, rules }] = found;
  const byKey = new Map(Object.keys(rules).map((option) => [kebab(option), option]));
  const given: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(options)) {
    if (key === GROUP_SIZE) continue;
    const option = byKey.get(key);
    if (option === undefined) {
      const keys = [...byKey.keys(), GROUP_SIZE].join(', ');
      throw new RulesError('invalid-options', `${known} has no option ${key}; it has ${keys}`);
    }
    given[option] = value;
  }
  const strategy = new Made(given);
  const groupSize = options[GROUP_SIZE];
  if (groupSize === undefined) return strategy;
  return new GroupMeans(strategy, { groupSize: groupSize as number });
}

function plain(name: string): string {
  return name.replaceAll('-', '').toLowerCase();
}

/** `minTrainNodes` → `min-train-nodes`, `beta1` → `beta-1`. */
function kebab(option: string): string {
  return option.replaceAll(/[A-Z]|\d+/g, (part) => `-${part.toLowerCase()}`);
}
