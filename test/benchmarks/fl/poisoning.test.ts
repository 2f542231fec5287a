import { SeededRandom } from '@starling/index';
import { FedAvg, Krum } from '@starling/rules';
import { recordDict } from '@starling/shared';
import test from 'ava';
import { againstColumns, againstKrum, attacked, type Battlefield, gaussian } from './poisoning.ts';

const ELEMENTS = 40;
const BAD = 4;
const GOOD = 16;

/** Everybody has moved up from zeros, by −0.2 to 0.8. */
function field(seed = 1): Battlefield {
  const random = new SeededRandom(seed);
  const trained = () => Float32Array.from({ length: ELEMENTS }, () => random.nextOpenUnit() - 0.2);
  return {
    global: new Float32Array(ELEMENTS),
    compromised: Array.from({ length: BAD }, trained),
    benign: Array.from({ length: GOOD }, trained),
    random,
  };
}

test('Krum chooses what was crafted against it, and that lies against the direction', async (t) => {
  const { global, compromised, benign, random } = field();
  const models = [...compromised, ...benign];
  const name = (i: number) => `node-${String(i).padStart(2, '0')}`;
  const replies = models.map((model, i) => ({
    node: name(i),
    content: recordDict({ arrays: { model }, metrics: { 'num-examples': 1 } }),
  }));
  const bad = new Set(Array.from({ length: BAD }, (_, i) => name(i)));
  const strategy = attacked(new Krum({ numMaliciousNodes: BAD }), againstKrum, bad, random);
  const clients = replies.map(({ node }) => ({ node, examples: 1 }));
  const context = { round: 1, arrays: { model: global }, clients, config: {}, seed: 1 };
  const { arrays } = await strategy.aggregateTrain(context, replies);
  const [crafted] = againstKrum({ global, compromised, benign, random });
  t.deepEqual(arrays['model'], crafted);
  t.true(crafted?.every((w) => w < 0));
});

test('what is crafted against medians lies beyond every benign value, at most twice as far', (t) => {
  const { global, compromised, benign, random } = field();
  for (const model of againstColumns({ global, compromised, benign, random })) {
    for (const [j, w] of model.entries()) {
      const least = Math.min(...benign.map((own) => own[j] ?? 0));
      t.true(w <= least && w >= Math.min(2 * least, least / 2));
    }
  }
});

test('the Gaussian attack sends what looks like the compromised nodes’ own models', (t) => {
  const crafted = gaussian(field());
  t.is(crafted.length, BAD);
  const mean = crafted.flatMap((model) => [...model]).reduce((sum, w) => sum + w, 0);
  t.true(Math.abs(mean / (BAD * ELEMENTS) - 0.3) < 0.1);
  t.notDeepEqual(crafted[0], crafted[1]);
});

test('a strategy under attack asks the same nodes and keeps its name', (t) => {
  const { random } = field();
  const plain = new FedAvg();
  const strategy = attacked(plain, gaussian, new Set(['a']), random);
  const clients = ['a', 'b', 'c'].map((node) => ({ node, examples: 1 }));
  const arrays = { model: new Float32Array(1) };
  const context = { round: 1, arrays, clients, config: {}, seed: 1 };
  t.deepEqual(strategy.configureTrain(context), plain.configureTrain(context));
  t.is(strategy.name, 'FedAvg');
});
