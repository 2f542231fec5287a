import test, { type ExecutionContext } from 'ava';
import { openSession } from '../engine/session.ts';
import { Graph } from '../graph/graph.ts';
import { adam, adamW } from './adam.ts';
import type { Optimizer } from './optimizer.ts';
import { momentum, sgd } from './sgd.ts';

const RATE = 0.1;
const START = [0.5, -2, 3];
const GRADIENTS = [
  [1, -1, 0.5],
  [0.5, 2, -0.25],
  [-3, 0.1, 0],
];

/** Three steps of the optimiser's graph. */
async function run(optimizer: Optimizer): Promise<number[]> {
  let weights = Float32Array.from(START);
  let slots = Array.from({ length: optimizer.slots }, () => new Float32Array(3));
  for (const [i, values] of GRADIENTS.entries()) {
    const graph = new Graph();
    const numbers = optimizer.scalarsAt(i + 1, RATE);
    const seed = optimizer.seed === 'one' ? 1 : -RATE;
    const gradient = graph.constant(values.map((value) => value * seed));
    const result = optimizer.step(
      {
        graph,
        learningRate: graph.scalar(RATE),
        scalars: Object.fromEntries(
          optimizer.scalarNames.map((name) => [name, graph.scalar(numbers[name] ?? Number.NaN)]),
        ),
      },
      {
        parameter: graph.input('w', 'float32', [3]),
        decays: true,
        slots: slots.map((_, k) => graph.input(`s${k}`, 'float32', [3])),
        gradient: {
          addedTo: (base) =>
            base === undefined ? gradient : graph.node('Add', [base, gradient], base),
        },
      },
    );
    graph.output('w.next', result.parameter);
    for (const [k, slot] of result.slots.entries()) graph.output(`s${k}.next`, slot);
    const session = await openSession(graph.encode('step'), { engine: 'native' });
    const feeds = [['w', weights] as const, ...slots.map((slot, k) => [`s${k}`, slot] as const)];
    const outputs = await session.run(
      Object.fromEntries(feeds.map(([name, data]) => [name, { type: 'float32', dims: [3], data }])),
    );
    weights = outputs['w.next'] as Float32Array<ArrayBuffer>;
    slots = slots.map((_, k) => outputs[`s${k}.next`] as Float32Array<ArrayBuffer>);
    await session.close();
  }
  return [...weights];
}

/** The same by the paper's formulas, one weight at a time. */
function byHand(perWeight: () => (w: number, g: number, step: number) => number): number[] {
  return START.map((start, i) => {
    const next = perWeight();
    return GRADIENTS.reduce((w, gradient, step) => next(w, gradient[i] ?? 0, step + 1), start);
  });
}

function agrees(t: ExecutionContext, actual: number[], expected: number[]): void {
  for (const [i, value] of expected.entries()) {
    t.true(Math.abs((actual[i] ?? Number.NaN) - value) < 1e-5, `${actual} for ${expected}`);
  }
}

function adamByHand(l2: number, decoupled: number) {
  return byHand(() => {
    let m = 0;
    let v = 0;
    return (w, gradient, step) => {
      const g = gradient + l2 * w;
      m = 0.9 * m + 0.1 * g;
      v = 0.999 * v + 0.001 * g * g;
      const move = m / (1 - 0.9 ** step) / (Math.sqrt(v / (1 - 0.999 ** step)) + 1e-8);
      return w - RATE * decoupled * w - RATE * move;
    };
  });
}

test('SGD follows its formula, with and without weight decay', async (t) => {
  agrees(
    t,
    await run(sgd()),
    byHand(() => (w, g) => w - RATE * g),
  );
  const decayed = byHand(() => (w, g) => w - RATE * (g + 0.2 * w));
  agrees(t, await run(sgd({ weightDecay: 0.2 })), decayed);
});

test('momentum follows its formula, plain and in the form of Nesterov', async (t) => {
  const heavyBall = (isNesterov: boolean) =>
    byHand(() => {
      let v = 0;
      return (w, gradient) => {
        const g = gradient + 0.1 * w;
        v = 0.9 * v + g;
        return w - RATE * (isNesterov ? g + 0.9 * v : v);
      };
    });
  agrees(t, await run(momentum({ weightDecay: 0.1 })), heavyBall(false));
  agrees(t, await run(momentum({ weightDecay: 0.1, nesterov: true })), heavyBall(true));
});

test('Adam follows its formula, with L2 regularisation too', async (t) => {
  agrees(t, await run(adam()), adamByHand(0, 0));
  agrees(t, await run(adam({ weightDecay: 0.3 })), adamByHand(0.3, 0));
});

test('AdamW decays weights beside the moments', async (t) => {
  agrees(t, await run(adamW({ weightDecay: 0.3 })), adamByHand(0, 0.3));
});
