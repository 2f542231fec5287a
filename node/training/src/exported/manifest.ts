// What the names in an exported training step mean. The helper script writes it beside the graph.

import { PROGRAM_BATCH_MAX } from '../engine/program.ts';
import { MODEL_PARAMETERS_MAX } from '../layers/sequential.ts';
import { TrainingError } from '../training-error.ts';

export interface StepManifest {
  readonly format: typeof MANIFEST_FORMAT;
  readonly batch: number;
  readonly parameters: readonly ManifestParameter[];
  readonly x: {
    readonly input: string;
    readonly type: 'float32' | 'int64';
    /** Of one sample. */
    readonly shape: readonly number[];
    /** For a model that takes ids: how many there are. */
    readonly ids?: number | undefined;
  };
  readonly y: {
    readonly input: string;
    readonly type: 'float32' | 'int64';
    readonly shape: readonly number[];
  };
  /** [batch], summing to 1; without it a batch may not be partial. */
  readonly sampleWeights?: string | undefined;
  readonly learningRate: string;
  readonly loss: string;
  /** Of a second graph, from parameters and x. */
  readonly prediction?: { readonly output: string; readonly shape: readonly number[] } | undefined;
}

export interface ManifestParameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly input: string;
  readonly output: string;
}

export const MANIFEST_FORMAT = 'starling-training-step/1';
export const MANIFEST_PARAMETERS_MAX = 10_000;
const AXES_MAX = 8;
const NAME_CHARS_MAX = 256;

/** @throws TrainingError `invalid-options`, naming the field and what was expected */
export function checkedManifest(value: unknown): StepManifest {
  const manifest = objectOf('manifest', value);
  if (manifest['format'] !== MANIFEST_FORMAT) {
    throw refusal('manifest.format', manifest['format'], `"${MANIFEST_FORMAT}"`);
  }
  const { parameters: listed, sampleWeights, prediction } = manifest;
  if (!Array.isArray(listed) || listed.length < 1 || listed.length > MANIFEST_PARAMETERS_MAX) {
    throw refusal('manifest.parameters', listed, `a list of 1 … ${MANIFEST_PARAMETERS_MAX}`);
  }
  const x = objectOf('manifest.x', manifest['x']);
  const y = objectOf('manifest.y', manifest['y']);
  const type = typeOf('manifest.x.type', x['type']);
  const isIds = type === 'int64';
  if (!isIds && x['ids'] !== undefined) throw refusal('manifest.x.ids', x['ids'], 'int64 for x');
  return {
    format: MANIFEST_FORMAT,
    batch: sizeOf('manifest.batch', manifest['batch'], PROGRAM_BATCH_MAX),
    parameters: listed.map((one, i) => parameterOf(`manifest.parameters[${i}]`, one)),
    x: {
      input: nameOf('manifest.x.input', x['input']),
      type,
      shape: shapeOf('manifest.x.shape', x['shape']),
      ids: isIds ? sizeOf('manifest.x.ids', x['ids'], 2 ** 31) : undefined,
    },
    y: {
      input: nameOf('manifest.y.input', y['input']),
      type: typeOf('manifest.y.type', y['type']),
      shape: shapeOf('manifest.y.shape', y['shape']),
    },
    sampleWeights:
      sampleWeights === undefined ? undefined : nameOf('manifest.sampleWeights', sampleWeights),
    learningRate: nameOf('manifest.learningRate', manifest['learningRate']),
    loss: nameOf('manifest.loss', manifest['loss']),
    prediction: prediction === undefined ? undefined : predictionOf(prediction),
  };
}

function parameterOf(what: string, value: unknown): ManifestParameter {
  const parameter = objectOf(what, value);
  return {
    name: nameOf(`${what}.name`, parameter['name']),
    shape: shapeOf(`${what}.shape`, parameter['shape']),
    input: nameOf(`${what}.input`, parameter['input']),
    output: nameOf(`${what}.output`, parameter['output']),
  };
}

function predictionOf(value: unknown) {
  const prediction = objectOf('manifest.prediction', value);
  return {
    output: nameOf('manifest.prediction.output', prediction['output']),
    shape: shapeOf('manifest.prediction.shape', prediction['shape']),
  };
}

function objectOf(what: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw refusal(what, value, 'an object');
}

function nameOf(what: string, value: unknown): string {
  if (typeof value === 'string' && value !== '' && value.length <= NAME_CHARS_MAX) return value;
  throw refusal(what, value, `a name of at most ${NAME_CHARS_MAX} characters`);
}

function typeOf(what: string, value: unknown): 'float32' | 'int64' {
  if (value === 'float32' || value === 'int64') return value;
  throw refusal(what, value, 'float32 or int64');
}

function sizeOf(what: string, value: unknown, most: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most) {
    return value;
  }
  throw refusal(what, value, `a whole number 1 … ${most}`);
}

function shapeOf(what: string, value: unknown): readonly number[] {
  if (!Array.isArray(value) || value.length > AXES_MAX) {
    throw refusal(what, value, `a list of at most ${AXES_MAX} sizes`);
  }
  const shape = value.map((size, axis) => sizeOf(`${what}[${axis}]`, size, MODEL_PARAMETERS_MAX));
  const elements = shape.reduce((product, size) => product * size, 1);
  if (elements <= MODEL_PARAMETERS_MAX) return shape;
  throw refusal(what, shape, `at most ${MODEL_PARAMETERS_MAX} elements`);
}

function refusal(what: string, value: unknown, expected: string): TrainingError {
  const shown = JSON.stringify(value)?.slice(0, 80);
  return new TrainingError('invalid-options', `${what} is ${shown}: ${expected}`);
}
