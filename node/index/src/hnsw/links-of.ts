import type { IndexMemory } from '../memory/index-memory.ts';

interface LinkMemory {
  readonly memory: IndexMemory;
  readonly options: { readonly m: number };
}

/** The links of a slot on a layer, as a view of the memory. */
export function linksOf(graph: LinkMemory, level: number, slot: number): Int32Array {
  const { degrees, layerCounts, links, upper, upperOffsets } = graph.memory;
  if (level >= (layerCounts[slot] ?? 0)) return NO_LINKS;
  if (level === 0) {
    const start = slot * (links.length / degrees.length);
    return links.subarray(start, start + (degrees[slot] as number));
  }
  const block = (upperOffsets[slot] as number) + level - 1;
  const start = block * (graph.options.m + 1);
  return upper.subarray(start + 1, start + 1 + ((upper[start] as number) & 0xffff));
}

const NO_LINKS = new Int32Array(0);
