// Local model poisoning with full knowledge (Fang et al. 2020, section 4), and the Gaussian attack of its
// section 5: what compromised nodes send in place of the models that they trained.

import type { SeededRandom } from '@starling/index';
import type { ClientReply, Strategy } from '@starling/rules';

export interface Battlefield {
  /** The model that the round started from, `[elements]`. */
  readonly global: Float32Array;
  /** What the compromised nodes trained, and what the others did. */
  readonly compromised: readonly Float32Array[];
  readonly benign: readonly Float32Array[];
  readonly random: SeededRandom;
}

/** One model for each compromised node. */
export type Attack = (field: Battlefield) => readonly Float32Array[];

/** The strategy, whose compromised nodes see all replies of a round before they send their own. */
export function attacked(
  strategy: Strategy,
  attack: Attack,
  compromised: ReadonlySet<string>,
  random: SeededRandom,
): Strategy {
  return {
    name: strategy.name,
    input: strategy.input,
    configureTrain: (context) => strategy.configureTrain(context),
    aggregateTrain: async (context, replies) => {
      const all: ClientReply[] = [];
      for await (const reply of replies) all.push(reply);
      const [bad, good] = [true, false].map((isBad) =>
        all.filter(({ node }) => compromised.has(node) === isBad).map(modelOf),
      );
      const global = context.arrays['model'] ?? new Float32Array();
      const crafted = attack({ global, compromised: bad ?? [], benign: good ?? [], random });
      let next = 0;
      const sent = all.map((reply) => {
        if (!compromised.has(reply.node)) return reply;
        const model = crafted[next++] ?? modelOf(reply);
        return { ...reply, content: { ...reply.content, arrays: { model } } };
      });
      return strategy.aggregateTrain(context, sent);
    },
    configureEvaluate: (context) => strategy.configureEvaluate(context),
    aggregateEvaluate: (context, replies) => strategy.aggregateEvaluate(context, replies),
    summary: () => strategy.summary(),
    state: () => strategy.state(),
    restore: (state) => strategy.restore(state),
  };
}

/** Every parameter from the Gaussian that the compromised nodes' own models have. */
export const gaussian: Attack = ({ compromised, random }) => {
  const elements = compromised[0]?.length ?? 0;
  const crafted = compromised.map(() => new Float32Array(elements));
  for (let j = 0; j < elements; j++) {
    let [sum, squares] = [0, 0];
    for (const model of compromised) {
      sum += model[j] ?? 0;
      squares += (model[j] ?? 0) ** 2;
    }
    const mean = sum / compromised.length;
    const std = Math.sqrt(Math.max(0, squares / compromised.length - mean * mean));
    for (const model of crafted) model[j] = mean + std * normal(random);
  }
  return crafted;
};

/** How far beyond the benign extremes the crafted values may lie: b. */
const STRETCH = 2;

/** Against trimmed mean and median: beyond the extreme that lies against the model's direction. */
export const againstColumns: Attack = (field) => {
  const { benign, compromised, random } = field;
  const rises = directions(field);
  const crafted = compromised.map(() => new Float32Array(rises.length));
  for (let j = 0; j < rises.length; j++) {
    let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const model of benign) {
      least = Math.min(least, model[j] ?? 0);
      most = Math.max(most, model[j] ?? 0);
    }
    const isRising = (rises[j] ?? 0) > 0;
    const near = isRising ? least : most;
    const isOutward = isRising ? near <= 0 : near > 0;
    const far = isOutward ? near * STRETCH : near / STRETCH;
    for (const model of crafted) model[j] = near + random.nextOpenUnit() * (far - near);
  }
  return crafted;
};

const STEP_MIN = 1e-5;

/** Against Krum: all alike, as far against the model's direction as Krum still chooses them. */
export const againstKrum: Attack = (field) => {
  const { benign, compromised, global } = field;
  const rises = directions(field);
  const malicious = compromised.length;
  const count = benign.length + malicious;
  const nearest = count - malicious - 2;
  const apart = squaredDistances(benign);
  const away = benign.map((model) => squaredDistance(model, global));
  const along = benign.map((model) => {
    return model.reduce((sum, w, j) => sum + (w - (global[j] ?? 0)) * (rises[j] ?? 0), 0);
  });
  const elements = rises.length;
  const closest = apart.map((row) => sumOfLeast(row, nearest + 1));
  let step =
    Math.sqrt(Math.min(...closest) / ((count - 2 * malicious - 1) * elements)) +
    Math.sqrt(Math.max(...away) / elements);
  const isChosen = (): boolean => {
    const toCrafted = away.map(
      (square, i) => square + 2 * step * (along[i] ?? 0) + step * step * elements,
    );
    const own = sumOfLeast(toCrafted, nearest - (malicious - 1));
    return apart.every((row, i) => {
      const crafted = new Array<number>(malicious).fill(toCrafted[i] ?? 0);
      return own < sumOfLeast([...row, ...crafted], nearest + 1);
    });
  };
  while (!isChosen() && step >= STEP_MIN) step /= 2;
  const crafted = global.map((w, j) => w - step * (rises[j] ?? 0));
  return compromised.map(() => crafted);
};

/** 1 where the mean of what everybody trained lies above the global model, else −1. */
function directions({ global, compromised, benign }: Battlefield): Float32Array {
  const sums = new Float64Array(global.length);
  const all = [...compromised, ...benign];
  for (const model of all) {
    for (let j = 0; j < sums.length; j++) sums[j] = (sums[j] ?? 0) + (model[j] ?? 0);
  }
  return global.map((w, j) => ((sums[j] ?? 0) / all.length > w ? 1 : -1));
}

/** Box and Muller 1958. */
function normal(random: SeededRandom): number {
  const radius = Math.sqrt(-2 * Math.log(random.nextOpenUnit()));
  return radius * Math.cos(2 * Math.PI * random.nextOpenUnit());
}

/** Row by row, zeros on the diagonal. */
function squaredDistances(models: readonly Float32Array[]): number[][] {
  const rows = models.map(() => new Array<number>(models.length).fill(0));
  for (const [i, a] of models.entries()) {
    for (const [k, b] of models.slice(0, i).entries()) {
      const square = squaredDistance(a, b);
      (rows[i] as number[])[k] = square;
      (rows[k] as number[])[i] = square;
    }
  }
  return rows;
}

function squaredDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) {
    const apart = (a[j] as number) - (b[j] as number);
    sum += apart * apart;
  }
  return sum;
}

/** A row of distances has its own 0, which `count` includes. */
function sumOfLeast(values: readonly number[], count: number): number {
  const sorted = Float64Array.from(values).sort();
  let sum = 0;
  for (let k = 0; k < count; k++) sum += sorted[k] ?? 0;
  return sum;
}

function modelOf({ content }: ClientReply): Float32Array {
  return content.arrays['model'] ?? new Float32Array();
}
