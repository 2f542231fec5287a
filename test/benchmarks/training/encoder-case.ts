// The trainer on seeded texts as long as the default corpus has them: pairs per second of one core.

import { SeededRandom } from '@starling/index';
import {
  createSparseTrainer,
  createWorkerTrainer,
  DEFAULT_ENCODER_SHAPE,
  DEFAULT_FIT_SETTINGS,
  type EncoderTrainer,
  hashTexts,
  initialParameters,
} from '@starling/training';
import type { BenchmarkContext, Row } from '../benchmark.ts';

const EXAMPLES = 2048;
const QUERY_WORDS = 11;
const ANSWER_WORDS = 7;
const VOCABULARY = 5000;
const EPOCHS = 3;

export async function* measureEncoder(context: BenchmarkContext): AsyncIterable<Row> {
  const random = new SeededRandom(context.seed);
  const below = (limit: number) => Math.floor(random.nextOpenUnit() * limit);
  const word = () =>
    String.fromCharCode(...Array.from({ length: 3 + below(6) }, () => 97 + below(26)));
  const vocabulary = Array.from({ length: VOCABULARY }, word);
  const text = (words: number) =>
    Array.from({ length: words }, () => vocabulary[below(VOCABULARY)]).join(' ');
  const texts = (words: number) => Array.from({ length: EXAMPLES }, () => text(words));
  const { buckets } = DEFAULT_ENCODER_SHAPE;
  const task = {
    ...DEFAULT_FIT_SETTINGS,
    epochs: EPOCHS,
    shape: DEFAULT_ENCODER_SHAPE,
    parameters: initialParameters(DEFAULT_ENCODER_SHAPE, context.seed),
    pairs: {
      queries: hashTexts(texts(QUERY_WORDS), buckets),
      answers: hashTexts(texts(ANSWER_WORDS), buckets),
    },
  };
  const contenders: readonly (readonly [string, EncoderTrainer])[] = [
    ['in-thread', createSparseTrainer()],
    ['worker', createWorkerTrainer()],
  ];
  for (const [contender, trainer] of contenders) {
    context.progress(contender);
    const seconds = await context.measure(context.isQuick ? 3 : 7, () =>
      trainer.fit(task, { signal: context.signal }),
    );
    await trainer.stop();
    const figures = { pairsPerSecond: (EPOCHS * EXAMPLES) / seconds.median, seconds };
    yield { contender, case: `${EXAMPLES} pairs × ${EPOCHS} epochs, batch 256`, figures };
  }
}
