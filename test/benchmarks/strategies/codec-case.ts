// Codecs of updates: bytes against float32, megabytes of float32 a second, and how far off one update
// and the mean of a hundred are, relative to the update's own length.

import { Xoshiro128 } from '@starling/consensus';
import {
  type CompressionOptions,
  carriedBytes,
  carryBytes,
  compressUpdate,
  decompressUpdate,
} from '@starling/shared';
import type { BenchmarkContext, Row } from '../benchmark.ts';
import { summarise } from '../measure.ts';

const PARAMETERS = 199_210;
const CLIENTS = 100;
const CODECS: readonly (readonly [string, CompressionOptions])[] = [
  ['fp16', { method: 'fp16' }],
  ['int8', { method: 'int8' }],
  ['int8, drawn', { method: 'int8', rounding: 'stochastic' }],
  ['int4', { method: 'int4' }],
  ['int4, drawn', { method: 'int4', rounding: 'stochastic' }],
  ['top 10 %', { method: 'top-k', density: 0.1 }],
  ['top 1 %', { method: 'top-k', density: 0.01 }],
];

export async function* measureCodecs(context: BenchmarkContext): AsyncIterable<Row> {
  const clients = context.isQuick ? 10 : CLIENTS;
  const updates = updatesOf(clients, context.seed);
  for (const [name, options] of CODECS) {
    context.signal.throwIfAborted();
    context.progress(name);
    const errors = errorsOf(updates, options);
    const bytes = compressUpdate(updates[0] as Float32Array, options);
    const carried = carryBytes(bytes);
    const megabytes = (4 * PARAMETERS) / 1e6;
    const rate = (action: () => unknown) => {
      for (let i = 0; i < 10; i++) action();
      const times = Array.from({ length: context.isQuick ? 5 : 21 }, () => cpuSeconds(action));
      return summarise(times.map((seconds) => megabytes / seconds));
    };
    yield {
      table: 'codecs',
      contender: name,
      case: `${PARAMETERS} parameters`,
      figures: {
        percentOfBytes: (100 * bytes.byteLength) / (4 * PARAMETERS),
        percentCarried: (100 * carried.byteLength) / (4 * PARAMETERS),
        encodeMbPerSecond: rate(() => compressUpdate(updates[0] as Float32Array, options)),
        decodeMbPerSecond: rate(() => decompressUpdate(bytes, PARAMETERS)),
        carryMbPerSecond: rate(() => carriedBytes(carryBytes(bytes))),
        ...errors,
      },
    };
  }
}

function errorsOf(updates: readonly Float32Array[], options: CompressionOptions) {
  const length = PARAMETERS;
  const mean = new Float64Array(length);
  const meanError = new Float64Array(length);
  let squared = 0;
  let squaredError = 0;
  for (const [seed, update] of updates.entries()) {
    const back = decompressUpdate(compressUpdate(update, { ...options, seed }), length);
    if (!back.ok) throw new Error(back.refusal.detail);
    for (let i = 0; i < length; i++) {
      const value = update[i] as number;
      const error = (back.value[i] as number) - value;
      squared += value * value;
      squaredError += error * error;
      mean[i] = (mean[i] as number) + value;
      meanError[i] = (meanError[i] as number) + error;
    }
  }
  const ratio = norm(meanError) / norm(mean);
  return { percentOff: 100 * Math.sqrt(squaredError / squared), percentOffInMean: 100 * ratio };
}

function norm(values: Float64Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}

function cpuSeconds(action: () => unknown): number {
  const before = process.cpuUsage();
  action();
  const { system, user } = process.cpuUsage(before);
  return Math.max(1, system + user) / 1e6;
}

/** A common direction and noise of a node's own, both with the heavy tails that gradients have. */
function updatesOf(clients: number, seed: number): Float32Array[] {
  const random = Xoshiro128.seeded(seed);
  const tailed = () => {
    const uniform = random.nextUnit() * 2 - 1;
    return 0.01 * uniform ** 5;
  };
  const direction = Float32Array.from({ length: PARAMETERS }, tailed);
  return Array.from({ length: clients }, () => direction.map((value) => value + tailed()));
}
