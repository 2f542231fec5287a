// The models of the papers on MNIST.

import { conv2d, dense, flatten, type Model, maxPool, relu, sequential } from '@starling/training';
import { PIXELS } from './mnist-digits.ts';

const IMAGE = [1, 28, 28];
const FLAT = [PIXELS];

/** Multi-class logistic regression. */
export function logisticRegression(): Model {
  return sequential([dense(10)], { input: FLAT });
}

/** The 2NN of McMahan et al. 2017: 199,210 parameters. */
export function twoLayerPerceptron(): Model {
  return sequential([dense(200), relu(), dense(200), relu(), dense(10)], { input: FLAT });
}

/** The CNN of McMahan et al. 2017: 1,663,370 parameters. */
export function convolutionalNetwork(): Model {
  const convolved = (filters: number) => [
    conv2d(filters, { kernel: 5, padding: 'same' }),
    relu(),
    maxPool(2),
  ];
  return sequential(
    [...convolved(32), ...convolved(64), flatten(), dense(512), relu(), dense(10)],
    { input: IMAGE },
  );
}

/** The CNN of Li et al. 2022 and of Flower's niid_bench: 6 and 16 filters, 120 and 84 units. */
export function smallNetwork(): Model {
  const convolved = (filters: number) => [conv2d(filters, { kernel: 5 }), relu(), maxPool(2)];
  return sequential(
    [
      ...convolved(6),
      ...convolved(16),
      flatten(),
      dense(120),
      relu(),
      dense(84),
      relu(),
      dense(10),
    ],
    { input: IMAGE },
  );
}
