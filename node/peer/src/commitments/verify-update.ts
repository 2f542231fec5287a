// A site's update trained again where the data is, and held against what the site committed to.

import { digestOf } from '@starling/crypto';
import { decodeVersion } from '@starling/rules';
import {
  type Digest,
  euclideanNorm,
  type PayloadRef,
  type TrainingTask,
  tensorToBytes,
  toMicros,
} from '@starling/shared';
import { createWorkerTrainer, type EncoderTrainer, WORKER_ENGINES } from '@starling/training';
import type { Collection } from '../collection.ts';
import { PeerError } from '../peer-error.ts';
import type { SiteApp } from '../site-app.ts';
import { type KeptTraining, type KeptTrainings, TRAININGS_KEPT_MAX } from './kept-trainings.ts';
import { trainDifference } from './trained-difference.ts';
import { documentCount, rowsOf } from './training-data.ts';
import {
  appEngine,
  type CommittedEngine,
  committedEngine,
  isBitExact,
  type TrainingRecord,
} from './training-record.ts';

/**
 * How far a second run may be from the first, by the norm of what lies between them as a share of
 * the update's norm, where bits depend on the machine. Whoever forges stays within it too.
 */
export const VERIFICATION_TOLERANCE = 0.01;

export const UPDATE_VERDICTS = [
  'exact',
  'within-tolerance',
  'differs',
  /** Another commitment than this record's was expected. */
  'not-committed',
] as const;
export type UpdateVerdict = (typeof UPDATE_VERDICTS)[number];

export interface UpdateVerification {
  readonly round: number;
  readonly holds: boolean;
  readonly verdict: UpdateVerdict;
  /** In words: what does not hold, or how it does. */
  readonly detail: string;
  /** What the site's signed message of that round carried. */
  readonly commitment: Digest;
  readonly plan: Digest;
  readonly base: { readonly version: number; readonly root: Digest };
  readonly data: { readonly digest: Digest; readonly documents: number };
  readonly seed: number;
  readonly engine: CommittedEngine;
  readonly engineHere: CommittedEngine;
  readonly committed: UpdateOutcome;
  /** Null when nothing was trained. */
  readonly recomputed: UpdateOutcome | null;
  /** Null when nothing was trained, or the difference was too large to be kept. */
  readonly differences: UpdateDifferences | null;
}

export interface UpdateOutcome {
  readonly delta: Digest;
  readonly clipped: boolean;
  readonly examples: number;
  readonly lossFirstMicros: number;
  readonly lossLastMicros: number;
}

export interface UpdateDifferences {
  /** Coordinates whose bits differ. */
  readonly coordinates: number;
  readonly elements: number;
  readonly maxAbsolute: number;
  /** Norm of what lies between, as a share of the committed update's norm. */
  readonly relativeNorm: number;
  readonly tolerance: number;
}

export interface VerificationParts {
  readonly collection: Collection;
  readonly kept: KeptTrainings;
  readonly task: TrainingTask;
  readonly app?: SiteApp | undefined;
  /** The site's own; another one is made where the update was trained on another engine. */
  readonly trainer: EncoderTrainer;
  /** A model's bytes. @throws {PayloadError} */
  readonly fetch: (ref: PayloadRef) => Promise<Uint8Array>;
}

/**
 * Trains a kept round again.
 * @param expected - the commitment that others hold of this site; the kept one when absent
 * @throws {PeerError} `unknown-round`, `training-data-gone`, `model-unavailable`
 * @throws {TrainingError} when the training breaks
 */
export async function verifyUpdate(
  round: number,
  expected: Digest | undefined,
  parts: VerificationParts,
  signal: AbortSignal,
): Promise<UpdateVerification> {
  const training = await keptTraining(round, expected, parts.kept);
  const { commitment, record } = training;
  const data = await parts.kept.dataOf(record);
  if (data === undefined) {
    const message = `which documents round ${round} trained on is not kept any more`;
    throw new PeerError('training-data-gone', message);
  }
  await using trainers = new AsyncDisposableStack();
  const trainer = trainerOf(record.engine.name, parts, trainers);
  const { app, task } = parts;
  const here =
    task.app === null || app === undefined
      ? committedEngine(trainer.engine(task.encoder))
      : appEngine(app);
  const common = {
    round,
    commitment,
    plan: record.plan,
    base: { version: record.baseVersion, root: record.base },
    data: { digest: record.data, documents: documentCount(data) },
    seed: record.seed,
    engine: record.engine,
    engineHere: here,
    committed: outcomeOf(record),
  };
  if (expected !== undefined && expected !== commitment) {
    const detail = `the site's record of round ${round} gives the commitment ${commitment}`;
    const nothing = { recomputed: null, differences: null };
    return { ...common, ...nothing, holds: false, verdict: 'not-committed', detail };
  }
  const pairs = rowsOf(data, parts.collection);
  const base = await baseOf(record, parts);
  const { clippingNormMicros, cohort, member, seed } = record;
  const terms = { clippingNormMicros, cohort, round: record.round, seed };
  const asked = { ...terms, training: record.training };
  const options = { signal, onProgress: () => undefined };
  const again = await trainDifference(
    { app, trainer },
    { ...asked, base, member, pairs, task },
    options,
  );
  const { clipped, delta } = again;
  const recomputed: UpdateOutcome = {
    delta: digestOf(tensorToBytes(delta)),
    clipped,
    examples: again.examples,
    lossFirstMicros: toMicros(again.lossFirst),
    lossLastMicros: toMicros(again.lossLast),
  };
  const before = await parts.kept.deltaOf(record);
  const differences = before === undefined ? null : compare(before, delta);
  const judged = judge(record, recomputed, differences, here);
  return { ...common, recomputed, differences, ...judged };
}

/** On the engine that the update was trained on, if a worker can have it. */
function trainerOf(
  name: CommittedEngine['name'],
  { task, trainer }: VerificationParts,
  made: AsyncDisposableStack,
): EncoderTrainer {
  if (trainer.engine(task.encoder).name === name) return trainer;
  const engine = WORKER_ENGINES.find((each) => each === name);
  return engine === undefined
    ? trainer
    : made.adopt(createWorkerTrainer(engine), (it) => it.stop());
}

function judge(
  record: TrainingRecord,
  recomputed: UpdateOutcome,
  differences: UpdateDifferences | null,
  here: CommittedEngine,
): Pick<UpdateVerification, 'holds' | 'verdict' | 'detail'> {
  const committed = outcomeOf(record);
  const isSame = (Object.keys(committed) as (keyof UpdateOutcome)[]).every(
    (field) => committed[field] === recomputed[field],
  );
  if (isSame) return { holds: true, verdict: 'exact', detail: 'bit for bit what was committed to' };
  const differs = { holds: false, verdict: 'differs' } as const;
  if (isBitExact(record.engine, here)) {
    return { ...differs, detail: 'the same training gives another update than was committed to' };
  }
  if (differences === null) {
    return { ...differs, detail: 'other bits, and the difference was too large to be kept' };
  }
  const { relativeNorm, tolerance } = differences;
  const isNear = relativeNorm <= tolerance && recomputed.examples === committed.examples;
  const share = `${relativeNorm.toExponential(2)} of the update's norm`;
  return isNear
    ? {
        holds: true,
        verdict: 'within-tolerance',
        detail: `${share} apart, ${tolerance} are allowed`,
      }
    : { ...differs, detail: `${share} apart, ${tolerance} are allowed` };
}

function compare(before: Float32Array, after: Float32Array): UpdateDifferences {
  const between = new Float32Array(before.length);
  let coordinates = 0;
  let maxAbsolute = 0;
  for (let i = 0; i < before.length; i++) {
    between[i] = (after[i] as number) - (before[i] as number);
    const size = Math.abs(between[i] as number);
    if (size > 0) coordinates += 1;
    maxAbsolute = Math.max(maxAbsolute, size);
  }
  const apart = euclideanNorm(between);
  const norm = euclideanNorm(before);
  return {
    coordinates,
    elements: before.length,
    maxAbsolute,
    relativeNorm: apart === 0 ? 0 : apart / norm,
    tolerance: VERIFICATION_TOLERANCE,
  };
}

/** A late update answers another round than it was trained for: its commitment tells which. */
async function keptTraining(
  round: number,
  expected: Digest | undefined,
  kept: KeptTrainings,
): Promise<KeptTraining> {
  const training = await kept.of(round);
  if (training !== undefined) return training;
  const late = (await kept.all()).find(({ commitment }) => commitment === expected);
  if (late !== undefined) return late;
  const rounds = kept.rounds.length === 0 ? 'none yet' : kept.rounds.join(', ');
  const message =
    `this site keeps no training of round ${round} (kept are the newest ${TRAININGS_KEPT_MAX}: ` +
    `${rounds})`;
  throw new PeerError('unknown-round', message);
}

async function baseOf(record: TrainingRecord, parts: VerificationParts): Promise<Float32Array> {
  const { base, baseBytes, baseVersion, elements } = record;
  let bytes: Uint8Array;
  try {
    bytes = await parts.fetch({ root: base, bytes: baseBytes });
  } catch (cause) {
    const message = `version ${baseVersion} (${base}), which was trained from, is not here any more`;
    throw new PeerError('model-unavailable', message, { cause });
  }
  const version = decodeVersion(bytes, elements);
  if (!version.ok) throw new PeerError('model-unavailable', version.refusal.detail);
  return version.value.parameters;
}

function outcomeOf(record: TrainingRecord): UpdateOutcome {
  const { clipped, delta, examples, lossFirstMicros, lossLastMicros } = record;
  return { clipped, delta, examples, lossFirstMicros, lossLastMicros };
}
