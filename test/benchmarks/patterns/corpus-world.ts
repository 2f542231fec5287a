// The demo's corpus as one site: documented declarations of every installed package, an encoder
// trained on them, and the base space that patterns live in.

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BasedQueries } from '@starling/learning';
import { distinctPairs, splitOf } from '@starling/peer';
import { type RuntimeError, readDocuments } from '@starling/runtime';
import {
  createSparseTrainer,
  DEFAULT_ENCODER_SHAPE,
  DEFAULT_FIT_SETTINGS,
  encode,
  hashTexts,
  initialParameters,
} from '@starling/training';
import { indexed, type QueryWorld } from './query-world.ts';

const STORE = join(import.meta.dirname, '..', '..', '..', 'node_modules', '.pnpm');
const SHAPE = DEFAULT_ENCODER_SHAPE;

export type CorpusPair = Awaited<ReturnType<typeof readDocuments>>[number];

export async function corpusPairs(): Promise<CorpusPair[]> {
  const pairs: CorpusPair[] = [];
  for (const version of (await readdir(STORE)).sort()) {
    const folder = join(STORE, version, 'node_modules');
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      if (!entry.isDirectory() || entry.name === '.bin') continue;
      const documents = await documentsBelow(join(folder, entry.name));
      pairs.push(...documents.filter(({ source }) => /\.d\.[cm]?ts$/.test(source)));
    }
  }
  const distinct = new Set(distinctPairs(pairs));
  return pairs.filter((pair) => distinct.has(pair) && pair.query !== '');
}

/** @param epochs - of training; 0 leaves the encoder as the base space is */
export async function corpusWorld(
  pairs: readonly CorpusPair[],
  seed: number,
  epochs: number,
): Promise<QueryWorld> {
  const inTraining = ({ answer }: CorpusPair) => splitOf(answer, seed) === 'train';
  const base = initialParameters(SHAPE, seed);
  const hashed = (some: readonly CorpusPair[], of: 'query' | 'answer') =>
    hashTexts(
      some.map((pair) => pair[of]),
      SHAPE.buckets,
    );
  const train = pairs.filter(inTraining);
  const queries = hashed(train, 'query');
  const task = { shape: SHAPE, parameters: base, ...DEFAULT_FIT_SETTINGS, seed };
  const parameters =
    epochs === 0
      ? base
      : (
          await createSparseTrainer().fit({
            ...task,
            epochs,
            pairs: { queries, answers: hashed(train, 'answer') },
          })
        ).parameters;
  const based = (some: readonly CorpusPair[]): BasedQueries => {
    const features = hashed(some, 'query');
    const encoded = encode(SHAPE, parameters, features);
    return { base: encode(SHAPE, base, features), encoded, count: some.length };
  };
  const heldOut = pairs.filter((pair) => !inTraining(pair));
  const rows = encode(SHAPE, parameters, hashed(pairs, 'answer'));
  return { ...indexed(rows, SHAPE.dimension, seed), asked: based(train), heldOut: based(heldOut) };
}

async function documentsBelow(folder: string): Promise<CorpusPair[]> {
  try {
    return await readDocuments(folder);
  } catch (error) {
    // A package without a documented declaration.
    if ((error as RuntimeError).code === 'invalid-corpus') return [];
    throw error;
  }
}
