// Who takes part. A new vector type of ours is one more line of `OURS`.

import { join } from 'node:path';
import type { Program } from './contender-process.ts';
import type { EngineDescription } from './engines/create-engine.ts';
import type { StarlingSettings } from './engines/starling-engine.ts';
import { compileDriver, installPeers } from './peers.ts';

export interface Contender {
  readonly name: string;
  readonly program: Program;
  /** Bytes that one row takes where it is compared, links apart. */
  codeBytes(dimension: number): number;
  /** Ours may build with several threads; peers are measured on one. */
  readonly isOurs: boolean;
  /** Larger sets go without it: types that do not gain from size would only take time. */
  readonly rowsMax?: number;
}

interface Entry {
  readonly name: string;
  readonly settings: StarlingSettings;
  codeBytes(dimension: number): number;
  readonly rowsMax?: number;
}

const SMALL_SET_ROWS = 100_000;

export const OURS: readonly Entry[] = [
  { name: 'starling-f32', settings: { vectorType: 'f32' }, codeBytes: (d) => 4 * d },
  { name: 'starling-u8', settings: { vectorType: 'u8' }, codeBytes: (d) => d },
  {
    name: 'starling-f16',
    settings: { vectorType: 'f16' },
    codeBytes: (d) => 2 * d,
    rowsMax: SMALL_SET_ROWS,
  },
  { name: 'starling-sq8', settings: { vectorType: 'sq8' }, codeBytes: (d) => d },
  {
    name: 'starling-pq8',
    settings: { vectorType: 'pq8' },
    codeBytes: (d) => d / 8,
    rowsMax: SMALL_SET_ROWS,
  },
  {
    name: 'starling-rabitq',
    settings: { vectorType: 'rabitq' },
    codeBytes: (d) => 16 + d / 8,
    rowsMax: SMALL_SET_ROWS,
  },
];

export const HNSWLIB_NODE = 'hnswlib-node';
export const HNSWLIB_NATIVE = 'hnswlib-native';
export const USEARCH = 'usearch-f32';

/** Ours and every peer that can be had here; the others are named to `skipped` with the reason. */
export async function gatherContenders(
  signal: AbortSignal,
  skipped: (text: string) => void,
): Promise<Contender[]> {
  const ours = OURS.map(({ codeBytes, name, rowsMax, settings }) => {
    const contender = inNode(name, { engine: 'starling', settings }, codeBytes);
    return rowsMax === undefined ? contender : { ...contender, rowsMax };
  });
  return [...ours, ...(await gatherPeers(signal, skipped))];
}

async function gatherPeers(
  signal: AbortSignal,
  skipped: (text: string) => void,
): Promise<Contender[]> {
  let peersFolder: string;
  try {
    peersFolder = await installPeers(signal);
  } catch (error) {
    signal.throwIfAborted();
    skipped(`${HNSWLIB_NODE}, ${USEARCH} and ${HNSWLIB_NATIVE} are skipped: ${reasonOf(error)}`);
    return [];
  }
  const float = (dimension: number) => 4 * dimension;
  const usearch = { engine: 'usearch', peersFolder, quantization: 'f32' } as const;
  const peers = [
    inNode(HNSWLIB_NODE, { engine: 'hnswlib-node', peersFolder }, float),
    inNode(USEARCH, usearch, float),
  ];
  try {
    const program = { file: await compileDriver(peersFolder, signal), args: [] };
    peers.push({ name: HNSWLIB_NATIVE, program, codeBytes: float, isOurs: false });
  } catch (error) {
    signal.throwIfAborted();
    skipped(`${HNSWLIB_NATIVE} is skipped: ${reasonOf(error)}`);
  }
  return peers;
}

function inNode(
  name: string,
  description: EngineDescription,
  codeBytes: Contender['codeBytes'],
): Contender {
  const worker = join(import.meta.dirname, 'contender-worker.ts');
  const program = { file: process.execPath, args: [worker, JSON.stringify(description)] };
  return { name, program, codeBytes, isOurs: description.engine === 'starling' };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
}
