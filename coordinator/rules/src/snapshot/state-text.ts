// The state as JSON and a list of byte strings. It is data but for the ledger: maps, sets, bigints and
// undefined have marks of their own, and bytes that the state holds twice are written once.

import { Ledger } from '../ledger/ledger.ts';

/** What marks an object as something else; no field of the state is called so. */
const MARK = '$';

type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [field: string]: Json | undefined };

export interface StateText {
  readonly text: string;
  /** Byte strings, which the text names by their place. */
  readonly blobs: readonly Uint8Array[];
}

/**
 * @throws {TypeError} on functions, classes and numbers that are not finite: a state that holds
 * one cannot be kept
 */
export function writeState(state: object): StateText {
  const places = new Map<Uint8Array, number>();
  const text = JSON.stringify(written(state, places, 'state'));
  return { text, blobs: [...places.keys()] };
}

/** @throws for a text that `writeState` did not make */
export function readState({ blobs, text }: StateText): unknown {
  return read(JSON.parse(text) as Json, blobs);
}

function written(value: unknown, places: Map<Uint8Array, number>, where: string): Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (value === undefined) return { [MARK]: 'undefined' };
  if (typeof value === 'bigint') return { [MARK]: 'bigint', of: value.toString() };
  if (value instanceof Uint8Array) return { [MARK]: 'bytes', of: placeOf(value, places) };
  const list = (items: Iterable<unknown>): Json =>
    Array.from(items, (item, i) => written(item, places, `${where}[${i}]`));
  if (Array.isArray(value)) return list(value);
  if (value instanceof Map) return { [MARK]: 'map', of: list(value) };
  if (value instanceof Set) return { [MARK]: 'set', of: list(value) };
  if (value instanceof Ledger) {
    return { [MARK]: 'ledger', of: written(value.record, places, where) };
  }
  if (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    const fields = Object.entries(value).map(([field, item]) => {
      return [field, written(item, places, `${where}.${field}`)] as const;
    });
    return Object.fromEntries(fields);
  }
  throw new TypeError(`${where} is ${String(value)}, which no snapshot can keep`);
}

function placeOf(bytes: Uint8Array, places: Map<Uint8Array, number>): number {
  const place = places.get(bytes) ?? places.size;
  places.set(bytes, place);
  return place;
}

function read(json: Json, blobs: readonly Uint8Array[]): unknown {
  if (json === null || typeof json !== 'object') return json;
  if (isList(json)) return json.map((item) => read(item, blobs));
  if (!Object.hasOwn(json, MARK)) {
    const fields = Object.entries(json).map(([field, item]) => [field, read(item ?? null, blobs)]);
    return Object.fromEntries(fields);
  }
  const { of } = json;
  switch (json[MARK]) {
    case 'undefined':
      return undefined;
    case 'bigint':
      return BigInt(String(of));
    case 'bytes': {
      const bytes = blobs[Number(of)];
      if (bytes === undefined) throw new TypeError(`there are no bytes ${of}`);
      return bytes;
    }
    case 'map':
      return new Map(read(of ?? null, blobs) as [unknown, unknown][]);
    case 'set':
      return new Set(read(of ?? null, blobs) as unknown[]);
    case 'ledger':
      return new Ledger(read(of ?? null, blobs) as Ledger['record']);
    default:
      throw new TypeError(`there is no mark ${String(json[MARK])}`);
  }
}

function isList(json: Json): json is readonly Json[] {
  return Array.isArray(json);
}
