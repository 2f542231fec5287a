// What apps exchange: named arrays, metrics and settings, as in Flower's RecordDict, with flat arrays
// in place of NumPy's.

export type Scalar = number | string | boolean;

/** Settings of a run, a node or a message; keys are kebab-case: `local-epochs`. */
export type ConfigRecord = Readonly<Record<string, Scalar>>;

export type MetricRecord = Readonly<Record<string, number | readonly number[]>>;

/** Named flat float32 arrays; the model's weights stand under `model`. Shapes belong to the model. */
export type ArrayRecord = Readonly<Record<string, Float32Array>>;

export interface RecordDict {
  readonly arrays: ArrayRecord;
  readonly metrics: MetricRecord;
  readonly config: ConfigRecord;
}

/** Names in one record. */
export const RECORD_NAMES_MAX = 256;
/** Characters of a name. */
export const RECORD_NAME_LENGTH_MAX = 128;
/** Characters of a text in a config. */
export const RECORD_TEXT_LENGTH_MAX = 4096;
/** Numbers in one list of metrics. */
export const METRIC_LIST_MAX = 65_536;

/** A dict of the parts that are given; the others are empty. */
export function recordDict(parts: Partial<RecordDict> = {}): RecordDict {
  return { arrays: {}, metrics: {}, config: {}, ...parts };
}

/**
 * What keeps a value, such as the answer of a user's handler, from being a RecordDict; `undefined` when
 * nothing does. Numbers need not be finite: who aggregates them judges that.
 */
export function recordFault(value: unknown): string | undefined {
  if (!isObject(value)) return `expected { arrays, metrics, config }, not ${nameOf(value)}`;
  for (const part of ['arrays', 'metrics', 'config'] as const) {
    const record = value[part];
    if (!isObject(record)) return `${part} is ${nameOf(record)}, not a record`;
    const fault = namesFault(part, record);
    if (fault !== undefined) return fault;
    for (const [name, entry] of Object.entries(record)) {
      const expected = ENTRY_FAULTS[part](entry);
      if (expected !== undefined) return `${part}['${name}'] is ${nameOf(entry)}, not ${expected}`;
    }
  }
  return undefined;
}

const ENTRY_FAULTS: Readonly<Record<keyof RecordDict, (entry: unknown) => string | undefined>> = {
  arrays: (entry) => (entry instanceof Float32Array ? undefined : 'a Float32Array'),
  metrics: (entry) => {
    if (typeof entry === 'number') return undefined;
    const isList = Array.isArray(entry) && entry.length <= METRIC_LIST_MAX;
    return isList && entry.every((number) => typeof number === 'number')
      ? undefined
      : `a number or a list of at most ${METRIC_LIST_MAX} numbers`;
  },
  config: (entry) => {
    if (typeof entry === 'number' || typeof entry === 'boolean') return undefined;
    return typeof entry === 'string' && entry.length <= RECORD_TEXT_LENGTH_MAX
      ? undefined
      : `a number, a boolean or a text of at most ${RECORD_TEXT_LENGTH_MAX} characters`;
  },
};

function namesFault(part: string, record: Readonly<Record<string, unknown>>): string | undefined {
  const names = Object.keys(record);
  if (names.length > RECORD_NAMES_MAX) {
    return `${part} has ${names.length} names: at most ${RECORD_NAMES_MAX}`;
  }
  const long = names.find((name) => name.length > RECORD_NAME_LENGTH_MAX);
  return (
    long && `a name in ${part} has ${long.length} characters: at most ${RECORD_NAME_LENGTH_MAX}`
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nameOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'object') return `a ${value.constructor?.name ?? 'bare object'}`;
  return `a ${typeof value}`;
}
