import { addGaussianNoise, seededSource } from '@starling/crypto';
import { FedAvg, serverApp } from '@starling/rules';
import { simulateApp } from '@starling/runtime';
import { arrayOf, recordDict } from '@starling/shared';
import { clientApp, localDp } from '@starling/training';
import test from 'ava';

const ELEMENTS = 300;
const CLIPPING_NORM = 1;
const NODES = 16;

test('local noise of the Gaussian mechanism leaves a node and averages out over nodes', async (t) => {
  const noise = { sensitivity: 2 * CLIPPING_NORM, noiseMultiplier: 1 };
  const sent: Float32Array[] = [];
  const client = clientApp({
    train: async ({ content }) => {
      const model = arrayOf(content).map((weight) => weight + 5);
      return recordDict({ arrays: { model }, metrics: { 'num-examples': 1 } });
    },
    mods: [
      async (message, context, next) => {
        const answer = await next(message, context);
        sent.push(arrayOf(answer));
        return answer;
      },
      localDp({
        clippingNorm: CLIPPING_NORM,
        noise: (update, { seed }) => addGaussianNoise(update, noise, seededSource(seed)),
      }),
    ],
  });
  const server = serverApp({
    strategy: () => new FedAvg(),
    rounds: 1,
    initial: () => ({ model: new Float32Array(ELEMENTS) }),
  });
  const { arrays } = await simulateApp({ client, server, nodes: NODES });
  t.is(sent.length, NODES);
  const clipped = CLIPPING_NORM / Math.sqrt(ELEMENTS);
  const deviation = (values: Float32Array) =>
    Math.sqrt(values.reduce((sum, value) => sum + (value - clipped) ** 2, 0) / values.length);
  const [first = new Float32Array()] = sent;
  t.true(Math.abs(deviation(first) - 2) < 0.3, `${deviation(first)} at one node`);
  const mean = deviation(arrayOf({ arrays }));
  t.true(Math.abs(mean - 2 / Math.sqrt(NODES)) < 0.1, `${mean} in the mean`);
});
