import { rankOfKey, reportedDistance } from './codec/distance.ts';
import type { VectorTable } from './memory/vector-table.ts';
import type { MemoryUsage, SearchHit } from './vector-index.ts';

/** The first of `count` found slots as hits, at most `k`. */
export function foundHits(table: VectorTable, count: number, k: number): SearchHit[] {
  const { metric, vectorType } = table;
  const { scratch } = table.memory;
  const hits: SearchHit[] = [];
  for (let i = 0; i < Math.min(k, count); i++) {
    const id = table.idOf(scratch.foundSlot(i));
    if (id === undefined) continue;
    const rank = rankOfKey(scratch.foundKey(i), metric, vectorType);
    hits.push({ id, distance: reportedDistance(metric, rank) });
  }
  return hits;
}

/** What the memory and the ids of a table take. */
export function tableUsage(table: VectorTable): MemoryUsage {
  const { characters, table: ids } = table.ids.bytes;
  const { capacity } = table.memory;
  return { capacity, ...table.memory.bytesByPurpose(), ids, idCharacters: characters };
}
