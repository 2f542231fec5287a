// Small models and seeded samples for the tests of the engine.

import { body } from '../graph/attributes.ts';
import { Graph } from '../graph/graph.ts';
import { conv2d } from '../layers/conv2d.ts';
import { dense } from '../layers/dense.ts';
import { flatten, maxPool, relu } from '../layers/plain-layers.ts';
import { type Model, sequential } from '../layers/sequential.ts';
import { sgd } from '../optimizers/sgd.ts';
import { seededUniforms } from '../seeded-random.ts';
import type { HostedProgram } from './graph-host.ts';
import { compile } from './program.ts';

/** The 2NN of McMahan et al. 2017. */
export function twoLayerPerceptron(): Model {
  return sequential([dense(200), relu(), dense(200), relu(), dense(10)], { input: [784] });
}

/** The CNN of McMahan et al. 2017. */
export function convolutionalNetwork(): Model {
  const convolved = (filters: number) => [
    conv2d(filters, { kernel: 5, padding: 'same' }),
    relu(),
    maxPool(2),
  ];
  return sequential(
    [...convolved(32), ...convolved(64), flatten(), dense(512), relu(), dense(10)],
    {
      input: [1, 28, 28],
    },
  );
}

/** Ten classes of images [28 × 28]: a bright square at the class's place, under noise. */
export function squares(count: number, seed: number) {
  const uniform = seededUniforms(seed);
  const x = new Float32Array(count * 784);
  const y = Uint8Array.from({ length: count }, (_, i) => i % 10);
  for (const [sample, label] of y.entries()) {
    const [top, left] = [3 + 12 * (label % 2), 1 + 5 * Math.floor(label / 2)];
    for (let pixel = 0; pixel < 784; pixel++) {
      const [row, column] = [Math.floor(pixel / 28), pixel % 28];
      const isInside = row >= top && row < top + 8 && column >= left && column < left + 5;
      x[sample * 784 + pixel] = 0.4 * uniform() + (isInside ? 0.6 * uniform() : 0);
    }
  }
  return { x, y };
}

/** Pairs of vectors that belong together, `width` wide. */
export function noisyPairs(count: number, width: number, seed: number) {
  const uniform = seededUniforms(seed);
  const x = Float32Array.from({ length: count * width }, () => uniform() * 2 - 1);
  const y = x.map((value) => value + 0.6 * (uniform() - 0.5));
  return { x, y };
}

const plain = sequential([dense(2)], { input: [2] });

/** A program whose training graph is `build`'s. */
export function hosted(build: (graph: Graph) => void): HostedProgram {
  const graph = new Graph();
  build(graph);
  const options = { loss: 'softmaxCrossEntropy', batch: 2, optimizer: sgd() } as const;
  const { evaluation, prediction } = compile(plain, options);
  const graphs = { training: graph.encode('odd'), evaluation, prediction };
  return { engine: 'native', threads: 1, graphs };
}

/** A program whose training never ends. */
export function endless(): HostedProgram {
  return hosted((graph) => {
    const start = graph.scalar(0);
    const types = [
      { type: 'int64', shape: [] },
      { type: 'bool', shape: [] },
    ] as const;
    const step = graph.body('step', [...types, start], ([, goesOn, x]) =>
      goesOn === undefined || x === undefined ? [] : [goesOn, x],
    );
    const forever = graph.integers([Number.MAX_SAFE_INTEGER], []);
    const [end] = graph.nodes('Loop', [forever, undefined, start], [start], { body: body(step) });
    if (end !== undefined) graph.output('losses', end);
  });
}
