// Pairs per CPU second of one fit, on seeded texts as long as the default corpus has them.

import { defaultEncoderShape, initialParameters } from '../src/encoder.ts';
import { hashTexts } from '../src/hashing-features.ts';
import { seededUniforms } from '../src/seeded-random.ts';
import { createSparseTrainer } from '../src/sparse-trainer.ts';
import { defaultFitSettings } from '../src/trainer.ts';

const examples = 2048;
const queryWords = 11;
const answerWords = 7;
const epochs = 3;
const repeats = 3;

const uniform = seededUniforms(1);
const below = (limit: number) => Math.floor(uniform() * limit);
const word = () =>
  String.fromCharCode(...Array.from({ length: 3 + below(6) }, () => 97 + below(26)));
const vocabulary = Array.from({ length: 5000 }, word);
const text = (words: number) =>
  Array.from({ length: words }, () => vocabulary[Math.floor(uniform() ** 2 * 5000)]).join(' ');
const texts = (words: number) => Array.from({ length: examples }, () => text(words));

const { buckets } = defaultEncoderShape;
const task = {
  ...defaultFitSettings,
  epochs,
  shape: defaultEncoderShape,
  parameters: initialParameters(defaultEncoderShape, 1),
  pairs: {
    queries: hashTexts(texts(queryWords), buckets),
    answers: hashTexts(texts(answerWords), buckets),
  },
};
const trainer = createSparseTrainer();
for (let repeat = 0; repeat < repeats; repeat++) {
  const before = process.cpuUsage();
  await trainer.fit(task);
  const { user, system } = process.cpuUsage(before);
  const pairsPerSecond = (epochs * examples) / ((user + system) / 1e6);
  console.log(`${Math.round(pairsPerSecond)} pairs per CPU second`);
}
console.log(
  `features per query ${Math.round(task.pairs.queries.indices.length / examples)},`,
  `per answer ${Math.round(task.pairs.answers.indices.length / examples)}`,
);
