// What a version's payload holds: the weights, and behind them the memory of the strategy, so that
// every voter steps from the same moments. The encoder's versions, and FedAvg's, are weights alone.

import {
  type ArrayRecord,
  bytesSchema,
  type Checked,
  checked,
  decodeCanonical,
  encodeCanonical,
  modelElements,
  refused,
  type TrainingTask,
  tensorFromBytes,
  tensorToBytes,
  z,
} from '@starling/shared';

export interface VersionModel {
  /** `[elements]` */
  readonly parameters: Float32Array;
  /** The strategy's, as it was after this version was made. */
  readonly state: ArrayRecord;
}

/** Arrays of a strategy's memory; each is about as long as the model, as moments are. */
const ARRAYS_MAX = 16;
const stateSchema = z.record(z.string().min(1).max(64), bytesSchema);

export function encodeVersion({ parameters, state }: VersionModel): Uint8Array {
  const weights = tensorToBytes(parameters);
  if (Object.keys(state).length === 0) return weights;
  const memory = encodeCanonical(
    Object.fromEntries(Object.entries(state).map(([name, array]) => [name, tensorToBytes(array)])),
  );
  const bytes = new Uint8Array(weights.length + memory.length);
  bytes.set(weights);
  bytes.set(memory, weights.length);
  return bytes;
}

/** Refuses another length, what is not finite, and a memory that does not decode. */
export function decodeVersion(bytes: Uint8Array, elements: number): Checked<VersionModel> {
  const at = elements * 4;
  const parameters = tensorFromBytes(bytes.subarray(0, at), elements);
  if (!parameters.ok) return parameters;
  const state: Record<string, Float32Array> = {};
  if (bytes.length > at) {
    const decoded = decodeCanonical(bytes.subarray(at), memoryBytesMax(at));
    const parsed = decoded.ok ? stateSchema.safeParse(decoded.value) : undefined;
    if (!parsed?.success) return refused('wrong-shape', 'the memory of the strategy is damaged');
    for (const [name, array] of Object.entries(parsed.data)) {
      const tensor = tensorFromBytes(array, array.length / 4);
      if (!tensor.ok) return tensor;
      state[name] = tensor.value;
    }
  }
  return checked({ parameters: parameters.value, state });
}

/** Whether a version's payload may have this many bytes: the encoder's are weights alone. */
export function isVersionSize(task: TrainingTask, bytes: number): boolean {
  const weights = modelElements(task) * 4;
  const memoryMax = task.app === null ? 0 : memoryBytesMax(weights);
  return bytes >= weights && bytes <= weights + memoryMax;
}

function memoryBytesMax(weightBytes: number): number {
  return ARRAYS_MAX * (weightBytes + 1024);
}
