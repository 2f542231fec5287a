// A history of writes that follows from a seed, and what a collection holds after any part of it.

import { type Collection, type Row, SeededRandom } from '@starling/index';

/** Settings under which a short history passes through many segments and checkpoints. */
export const KILL_SETTINGS = Object.freeze({
  dimension: 4,
  metric: 'euclidean',
  m: 4,
  efConstruction: 16,
  segmentRowsMax: 20,
  checkpointLogBytes: 4_000,
});

export type Operation =
  | { readonly kind: 'upsert'; readonly rows: readonly Row[] }
  | { readonly kind: 'delete'; readonly ids: readonly string[] };

/** Row contents by id, as text that can be compared. */
export type Content = Map<string, string>;

const IDS = 60;
const BATCH_ROWS_MAX = 5;

export function operationAt(seed: number, step: number): Operation {
  const random = new SeededRandom(seed * 1_000_003 + step);
  const start = random.nextUint32() % IDS;
  const count = 1 + (random.nextUint32() % BATCH_ROWS_MAX);
  const ids = Array.from({ length: count }, (_, i) => `row-${(start + i * 7) % IDS}`);
  if (random.nextUint32() % 4 === 0) return { kind: 'delete', ids };
  const rows = ids.map((id, row) => {
    const vector = [seed, step, row, random.nextUint32() % 1_000];
    return step % 3 === 0 ? { id, vector } : { id, vector, metadata: { step, name: `n${row}` } };
  });
  return { kind: 'upsert', rows };
}

export async function send(collection: Collection, operation: Operation): Promise<void> {
  if (operation.kind === 'upsert') await collection.upsert(operation.rows);
  else await collection.delete(operation.ids);
}

export function applyTo(content: Content, operation: Operation): void {
  if (operation.kind === 'delete') for (const id of operation.ids) content.delete(id);
  else for (const row of operation.rows) content.set(row.id, textOf(row));
}

/** What a collection holds; every row must also be found by its own vector. */
export async function contentOf(collection: Collection): Promise<Content> {
  const content: Content = new Map();
  for (let id = 0; id < IDS; id++) {
    const row = await collection.get(`row-${id}`);
    if (row === undefined) continue;
    const { hits } = await collection.search(row.vector, { k: 1 });
    if (hits[0]?.distance !== 0) throw new Error(`${row.id} does not find itself`);
    content.set(row.id, textOf({ ...row, vector: [...row.vector] }));
  }
  if (content.size !== collection.size) throw new Error(`it holds ${collection.size} rows`);
  return content;
}

export function sameContent(a: Content, b: Content): boolean {
  return a.size === b.size && [...a].every(([id, text]) => b.get(id) === text);
}

function textOf({ vector, metadata }: Row): string {
  return JSON.stringify([vector, metadata ?? null]);
}
