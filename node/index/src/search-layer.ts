// Malkov & Yashunin 2016, Algorithm 2 (SEARCH-LAYER), and the descent through the upper layers
// that Algorithms 1 and 5 share.

import type { HnswGraph } from './hnsw-graph.ts';

/**
 * Beam search on one layer, from the slots in `scratch.found` to the `ef` nearest, which replace
 * them. Ranks in `scratch.found` are trusted, not computed again. Unlike the paper's, the beam goes
 * on through rows that tie with its worst result, or `ef` equal rows would be a wall before it.
 *
 * @param query - a row as stored begins at `queryStart`
 * @param tiesMax - how many rows that tie it may go through
 */
export function searchLayer(
  graph: HnswGraph,
  level: number,
  query: Float32Array,
  queryStart: number,
  ef: number,
  tiesMax: number,
): void {
  const { distance, scratch } = graph;
  const { candidates, results, visited } = scratch;
  const { dimension, vectors } = graph.table;
  const { degreeMax, degrees, links, rowOfSlot } = graph.layer(level);
  startFromFound(graph, ef);
  let worst = -results.topKey();
  let computed = 0;
  let ties = 0;
  while (candidates.length > 0) {
    if (results.length >= ef && candidates.topKey() > worst) break;
    const row = rowOfSlot[candidates.topSlot()] as number;
    candidates.pop();
    const end = row * degreeMax + (degrees[row] as number);
    for (let position = row * degreeMax; position < end; position++) {
      const slot = links[position] as number;
      if (!visited.visit(slot)) continue;
      const rank = distance(query, queryStart, vectors, slot * dimension, dimension);
      computed++;
      if (results.length < ef) {
        results.push(-rank, slot);
      } else if (rank < worst) {
        results.replaceTop(-rank, slot);
      } else if (rank > worst || ++ties > tiesMax) {
        continue;
      }
      candidates.push(rank, slot);
      worst = -results.topKey();
    }
  }
  scratch.distanceComputations += computed;
  drainResults(graph);
}

/** Walks greedily from the entry point down to, not including, `level`; leaves the nearest. */
export function descend(
  graph: HnswGraph,
  level: number,
  query: Float32Array,
  queryStart: number,
  tiesMax: number,
): void {
  const { scratch, table } = graph;
  const { dimension, vectors } = table;
  const entry = graph.entrySlot;
  scratch.found.clear();
  scratch.found.append(
    entry,
    graph.distance(query, queryStart, vectors, entry * dimension, dimension),
  );
  scratch.distanceComputations++;
  for (let above = graph.layers.length - 1; above > level; above--) {
    searchLayer(graph, above, query, queryStart, 1, tiesMax);
  }
}

function startFromFound(graph: HnswGraph, ef: number): void {
  const { candidates, found, results, visited } = graph.scratch;
  visited.start(graph.table.slotCount);
  candidates.clear();
  results.clear();
  for (let i = 0; i < found.length; i++) {
    const slot = found.slotAt(i);
    visited.visit(slot);
    candidates.push(found.distanceAt(i), slot);
    if (results.length < ef) results.push(-found.distanceAt(i), slot);
  }
}

function drainResults(graph: HnswGraph): void {
  const { found, results } = graph.scratch;
  const count = results.length;
  found.reserve(count);
  found.length = count;
  for (let i = count - 1; i >= 0; i--) {
    found.distances[i] = -results.topKey();
    found.slots[i] = results.topSlot();
    results.pop();
  }
}
