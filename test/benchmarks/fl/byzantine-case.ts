// Fang et al. 2020, table 2, MNIST with logistic regression: 100 workers, 20 of them compromised, q = 0.5,
// one step of 32 digits a round, 500 rounds; test error. The paper's rules, and ours beside them. The
// full-knowledge attack is the one that the paper made for a rule, else both are shown.

import { SeededRandom } from '@starling/index';
import {
  Bulyan,
  CenteredClipping,
  FedAvg,
  FedMedian,
  FedTrimmedAvg,
  GeometricMedian,
  Krum,
  MultiKrum,
  NormBoundedAvg,
  type Strategy,
} from '@starling/rules';
import { partitionByGroup, sgd } from '@starling/training';
import { logisticRegression } from './digit-models.ts';
import { dealDigits, MNIST_FOLDER, readDigits, samplesOf } from './mnist-digits.ts';
import { type Attack, againstColumns, againstKrum, attacked, gaussian } from './poisoning.ts';
import {
  comparison,
  deviationOf,
  meanOf,
  type PublishedTable,
  seedsFrom,
} from './published-table.ts';
import { type DigitTrial, trainOnDigits } from './train-on-digits.ts';

const TABLE = 'Fang et al. 2020, MNIST LR, 20 of 100 compromised: test error, mean of the seeds';
const WORKERS = 100;
const MALICIOUS = 20;
const BIAS = 0.5;
const ROUNDS = 500;
const QUICK_ROUNDS = 20;
const LABELS = 10;
const PROGRAM = { loss: 'softmaxCrossEntropy', batch: 32, optimizer: sgd() } as const;
const LOCAL = { 'local-steps': 1, 'learning-rate': 0.1 };
/** Of centred clipping and norm bounding: about what an honest step moves. */
const RADIUS = 0.1;

const EQUAL = { weightedByKey: '' };
const SOME = { ...EQUAL, numMaliciousNodes: MALICIOUS };

interface Rule {
  readonly strategy: () => Strategy;
  readonly paper: Readonly<Record<string, number>>;
  readonly adaptive: readonly string[];
}

const NONE = 'none';
const GAUSSIAN = 'Gaussian';
const FLIP = 'label flip';
const TO_KRUM = 'full knowledge, for Krum';
const TO_COLUMNS = 'full knowledge, for trimmed mean';
const BOTH = [TO_KRUM, TO_COLUMNS];
const ATTACKS: Readonly<Record<string, Attack>> = {
  [GAUSSIAN]: gaussian,
  [TO_KRUM]: againstKrum,
  [TO_COLUMNS]: againstColumns,
};

const RULES: Readonly<Record<string, Rule>> = {
  mean: { strategy: () => new FedAvg(EQUAL), paper: {}, adaptive: BOTH },
  Krum: {
    strategy: () => new Krum(SOME),
    paper: { [NONE]: 0.14, [GAUSSIAN]: 0.13, [FLIP]: 0.13, [TO_KRUM]: 0.8 },
    adaptive: [TO_KRUM],
  },
  'trimmed mean': {
    strategy: () => new FedTrimmedAvg({ ...EQUAL, beta: MALICIOUS / WORKERS }),
    paper: { [NONE]: 0.12, [GAUSSIAN]: 0.11, [FLIP]: 0.13, [TO_COLUMNS]: 0.52 },
    adaptive: [TO_COLUMNS],
  },
  median: {
    strategy: () => new FedMedian(EQUAL),
    paper: { [NONE]: 0.13, [GAUSSIAN]: 0.13, [FLIP]: 0.15, [TO_COLUMNS]: 0.29 },
    adaptive: [TO_COLUMNS],
  },
  MultiKrum: {
    strategy: () => new MultiKrum({ ...SOME, numNodesToSelect: WORKERS - MALICIOUS }),
    paper: {},
    adaptive: BOTH,
  },
  Bulyan: { strategy: () => new Bulyan(SOME), paper: {}, adaptive: BOTH },
  'geometric median': { strategy: () => new GeometricMedian(EQUAL), paper: {}, adaptive: BOTH },
  'centred clipping': {
    strategy: () => new CenteredClipping({ ...EQUAL, clippingRadius: RADIUS }),
    paper: {},
    adaptive: BOTH,
  },
  'norm-bounded': {
    strategy: () => new NormBoundedAvg({ ...EQUAL, clippingNorm: RADIUS }),
    paper: {},
    adaptive: BOTH,
  },
};

const ATTACK_NAMES = [NONE, GAUSSIAN, FLIP, ...BOTH];

export const BYZANTINE: PublishedTable = {
  cases: [...Object.keys(RULES), ...ATTACK_NAMES],
  async *measure(context) {
    const digits = await readDigits();
    if (digits === undefined) {
      context.progress(`byzantine is skipped: ${MNIST_FOLDER} is not there`);
      return;
    }
    const seeds = seedsFrom(context, context.isQuick ? 1 : 3);
    const among = (names: readonly string[]) => {
      const wanted = names.filter((name) => context.cases.includes(name));
      return wanted.length > 0 ? wanted : names;
    };
    for (const name of among(Object.keys(RULES))) {
      const rule = RULES[name];
      if (rule === undefined) continue;
      for (const attack of among(ATTACK_NAMES)) {
        if (BOTH.includes(attack) && !rule.adaptive.includes(attack)) continue;
        const errors: number[] = [];
        for (const seed of seeds) {
          errors.push(await errorUnder(attack, rule.strategy(), { context, digits, seed }));
        }
        const row = `${name}, ${attack}`;
        context.progress(`byzantine ${row}: ${errors.map((e) => e.toFixed(3)).join(' ')}`);
        const more = { stdDev: deviationOf(errors) };
        const [paper, ours] = [rule.paper[attack], meanOf(errors)];
        yield comparison({ table: TABLE, case: row, paper, ours, seeds, more });
      }
    }
  },
};

async function errorUnder(name: string, strategy: Strategy, run: DigitTrial): Promise<number> {
  const { context, digits, seed } = run;
  const dealing = { clients: WORKERS, bias: BIAS, seed };
  const dealt = dealDigits(digits.train, partitionByGroup(digits.train.y, dealing));
  const random = new SeededRandom(seed);
  const nodes = [...dealt.keys()];
  const compromised = new Set(drawn(nodes, MALICIOUS, random));
  if (name === FLIP) {
    for (const node of compromised) {
      const own = samplesOf(dealt, node);
      dealt.set(node, { x: own.x, y: Uint8Array.from(own.y, (label) => LABELS - 1 - label) });
    }
  }
  const attack = ATTACKS[name];
  const model = logisticRegression();
  const accuracy = await trainOnDigits({
    model,
    program: PROGRAM,
    dealt,
    test: digits.test,
    strategy:
      attack === undefined ? strategy : attacked(strategy, attack, compromised, random.clone()),
    rounds: context.isQuick ? QUICK_ROUNDS : ROUNDS,
    initial: new Float32Array(model.parameterCount),
    runConfig: LOCAL,
    seed,
    signal: context.signal,
  });
  return 1 - accuracy;
}

function drawn(nodes: readonly string[], count: number, random: SeededRandom): string[] {
  const keyed = nodes.map((node) => ({ node, key: random.nextOpenUnit() }));
  return keyed
    .sort((a, b) => a.key - b.key)
    .slice(0, count)
    .map(({ node }) => node);
}
