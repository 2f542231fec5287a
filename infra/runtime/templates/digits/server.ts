// How the rounds go: who takes part, how their weights become one model, how good that is.

import { serverApp, strategyNamed } from '@starling/rules';
import { arrayOf, configNumber, configText } from '@starling/shared';
import { compile, initialWeights, sgd, Trainer } from '@starling/training';
import { CLASSES, classesOf, drawDigits } from './data.ts';
import { IN_THIS_THREAD, model } from './model.ts';

export { model };

/** Of all classes, seen by no node. */
const TEST = drawDigits(1, 1000, classesOf(0, CLASSES));

const program = compile(model, { loss: 'softmaxCrossEntropy', batch: 100, optimizer: sgd() });
const judge = await Trainer.create(program, IN_THIS_THREAD);

export const server = serverApp({
  strategy: ({ runConfig }) =>
    strategyNamed(configText(runConfig, 'strategy'), {
      'fraction-train': configNumber(runConfig, 'fraction-train'),
      'fraction-evaluate': configNumber(runConfig, 'fraction-evaluate'),
    }),
  initial: ({ seed }) => ({ model: initialWeights(model, seed) }),
  evaluate: async (_round, arrays) => {
    const scores = await judge.evaluate({ weights: arrayOf({ arrays }), ...TEST });
    return { ...scores };
  },
});
