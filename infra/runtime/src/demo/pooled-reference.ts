// The reference that no federation may compute in earnest: the same training on all sites' data in
// one place, measured on each site's held-out queries.

import { type Document, splitOf } from '@starling/peer';
import { fromMicros, type TrainingTask } from '@starling/shared';
import {
  type EncoderTrainer,
  encode,
  evaluateRetrieval,
  hashTexts,
  initialParameters,
  type PairRows,
  type RetrievalMetrics,
} from '@starling/training';

export interface PooledSite {
  readonly name: string;
  readonly documents: readonly Omit<Document, 'id'>[];
}

export interface PooledOptions {
  readonly rounds: number;
  readonly signal: AbortSignal;
  readonly onRound: (round: number, loss: number) => void;
}

/** Trains `rounds × localEpochs` epochs on the union of the train splits. */
export async function pooledReference(
  trainer: EncoderTrainer,
  sites: readonly PooledSite[],
  task: TrainingTask,
  options: PooledOptions,
): Promise<Map<string, RetrievalMetrics>> {
  const pairs = pooledPairs(sites, task);
  let parameters = initialParameters(task.encoder, task.seed);
  for (let round = 1; round <= options.rounds; round++) {
    const fit = await trainer.fit(
      {
        shape: task.encoder,
        parameters,
        pairs,
        epochs: task.training.localEpochs,
        learningRate: fromMicros(task.training.learningRateMicros),
        batchSize: task.training.batchSize,
        temperature: fromMicros(task.training.temperatureMicros),
        seed: (task.seed + round) >>> 0,
      },
      { signal: options.signal },
    );
    parameters = fit.parameters;
    options.onRound(round, fit.lastLoss);
  }
  return new Map(sites.map((site) => [site.name, measure(site, parameters, task)]));
}

function pooledPairs(sites: readonly PooledSite[], task: TrainingTask): PairRows {
  const documents = sites
    .flatMap((site) => site.documents)
    .filter(({ query, answer }) => query !== '' && splitOf(answer, task.seed) === 'train');
  const { buckets } = task.encoder;
  return {
    queries: hashTexts(
      documents.map(({ query }) => query),
      buckets,
    ),
    answers: hashTexts(
      documents.map(({ answer }) => answer),
      buckets,
    ),
  };
}

function measure(site: PooledSite, parameters: Float32Array, task: TrainingTask): RetrievalMetrics {
  const { encoder } = task;
  const targets = site.documents.flatMap(({ query, answer }, row) =>
    query !== '' && splitOf(answer, task.seed) === 'test' ? [row] : [],
  );
  const queries = targets.map((row) => site.documents[row]?.query ?? '');
  const answers = site.documents.map(({ answer }) => answer);
  return evaluateRetrieval(
    encode(encoder, parameters, hashTexts(queries, encoder.buckets)),
    encode(encoder, parameters, hashTexts(answers, encoder.buckets)),
    targets,
    encoder.dimension,
  );
}
