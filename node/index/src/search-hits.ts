import type { VectorTable } from './memory/vector-table.ts';
import type { MemoryUsage, SearchHit } from './vector-index.ts';

/** Ranks the best of `count` found slots by their exact rows; returns how many remain found. */
export function rankAgain(table: VectorTable, count: number, rerank: number): number {
  if (rerank === 0) return count;
  const { kernel, scratch } = table.memory;
  const again = Math.min(rerank, count);
  table.memory.look('exact');
  kernel.rerank(scratch.exactQuery.byteOffset, again);
  return again;
}

/** Compares all rows, or those of a set, by what distances are reported of; returns the number. */
export function scanReported(table: VectorTable, k: number, isFiltered: boolean): number {
  const { reported, searched } = table.rows;
  const { kernel, scratch } = table.memory;
  if (reported !== searched) scratch.query.set(scratch.exactQuery);
  table.memory.look(reported);
  return kernel.scan(k, isFiltered);
}

/** The first of `count` found slots as hits, at most `k`. */
export function foundHits(table: VectorTable, count: number, k: number): SearchHit[] {
  const { scratch } = table.memory;
  const hits: SearchHit[] = [];
  for (let i = 0; i < Math.min(k, count); i++) {
    const id = table.idOf(scratch.foundSlot(i));
    if (id === undefined) continue;
    hits.push({ id, distance: table.rows.distanceOfKey(scratch.foundKey(i)) });
  }
  return hits;
}

/** What the memory and the ids of a table take. */
export function tableUsage(table: VectorTable): MemoryUsage {
  const { characters, table: ids } = table.ids.bytes;
  const { capacity } = table.memory;
  const learned = table.rows.codec.parameters().learned.byteLength;
  const purposes = table.memory.bytesByPurpose();
  return { capacity, ...purposes, learned, ids, idCharacters: characters };
}
