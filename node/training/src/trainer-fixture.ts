// A small seeded data set that tests train on: queries share words with their answers' neighbours.
import { initialParameters } from './encoder.ts';
import { hashTexts } from './hashing-features.ts';
import { seededUniforms } from './seeded-random.ts';
import { DEFAULT_FIT_SETTINGS, type FitTask } from './trainer.ts';

/** `examples` pairs over a vocabulary whose query and answer words differ but correspond. */
export function smallTask(examples: number, changes: Partial<FitTask> = {}): FitTask {
  const shape = { buckets: 1024, dimension: 16 };
  const uniform = seededUniforms(9);
  const topics = Array.from({ length: examples }, () =>
    Array.from({ length: 3 }, () => Math.floor(uniform() * 40)),
  );
  const texts = (prefix: string) => topics.map((ids) => ids.map((id) => prefix + id).join(' '));
  return {
    ...DEFAULT_FIT_SETTINGS,
    batchSize: 64,
    shape,
    parameters: initialParameters(shape, 1),
    pairs: {
      queries: hashTexts(texts('ask'), shape.buckets),
      answers: hashTexts(texts('tell'), shape.buckets),
    },
    ...changes,
  };
}
