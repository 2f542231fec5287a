import { fc, testProp } from '@fast-check/ava';
import { PlainGraph } from './graph-view-fixture.ts';
import { countHops, NO_WAY } from './hop-counts.ts';
import { findUnreached } from './reachability.ts';

const graphs = fc.integer({ min: 1, max: 14 }).chain((rows) => {
  const targets = fc.uniqueArray(fc.nat({ max: rows - 1 }), { maxLength: 3 });
  const layer = fc.array(targets, { minLength: rows, maxLength: rows });
  const live = fc.array(fc.boolean(), { minLength: rows, maxLength: rows });
  return fc.tuple(fc.array(layer, { minLength: 1, maxLength: 3 }), live);
});

/** Relaxes every link until nothing changes; a row is a state per layer, going down is free. */
function hopsByRelaxing(graph: PlainGraph): number[] {
  const top = graph.layerCount - 1;
  const hops = graph.links.map((layer) => layer.map(() => Number.POSITIVE_INFINITY));
  const at = (level: number, slot: number) => hops[level]?.[slot] ?? Number.POSITIVE_INFINITY;
  const lower = (level: number, slot: number, count: number) => {
    const row = hops[level];
    if (row !== undefined && graph.isLive(slot)) row[slot] = Math.min(at(level, slot), count);
  };
  lower(top, graph.entrySlot, 0);
  for (let round = 0; round < graph.slotCount * graph.layerCount; round++) {
    for (const [level, layer] of graph.links.entries()) {
      for (const [slot, targets] of layer.entries()) {
        for (const to of targets) lower(level, to, at(level, slot) + 1);
        lower(level - 1, slot, at(level, slot));
      }
    }
  }
  return (hops[0] ?? []).map((count) => (Number.isFinite(count) ? count : NO_WAY));
}

testProp('hops are the shortest ways down through the layers', [graphs], (t, [links, live]) => {
  const graph = new PlainGraph(links, () => 1);
  graph.live.splice(0, live.length, ...live);
  t.deepEqual([...countHops(graph)], hopsByRelaxing(graph));
});

testProp('rows without a way on the base layer are unreached', [graphs], (t, [links, live]) => {
  const graph = new PlainGraph(links.slice(0, 1), () => 1);
  graph.live.splice(0, live.length, ...live);
  const slots = Int32Array.from([...live.keys()].filter((slot) => graph.isLive(slot)));
  const hops = countHops(graph);
  const { islandSizes, unreachedSlots } = findUnreached(graph, slots);
  t.deepEqual(
    unreachedSlots,
    [...slots].filter((slot) => hops[slot] === NO_WAY),
  );
  t.is(
    islandSizes.reduce((sum, size) => sum + size, 0),
    unreachedSlots.length,
  );
});
