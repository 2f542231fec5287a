import { fc, testProp } from '@fast-check/ava';
import { FlatMemory } from '../memory/flat-memory.ts';
import { LinkLayer } from './link-layer.ts';

testProp(
  'a layer and its reverse agree with a plain model after any operations',
  [fc.array(fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 20 }), fc.nat({ max: 20 })))],
  (t, steps) => {
    const layer = new LinkLayer(new FlatMemory(), 0, 4);
    const model = new Map<number, Set<number>>();
    for (const [kind, from, to] of steps) {
      const links = model.get(from);
      if (links === undefined) {
        layer.add(from);
        model.set(from, new Set());
      } else if (kind === 0) {
        layer.remove(from);
        model.delete(from);
        for (const others of model.values()) others.delete(from);
      } else if (kind === 1) {
        layer.unlink(from, to);
        links.delete(to);
      } else if (from !== to && model.has(to) && !links.has(to) && links.size < 4) {
        layer.link(from, to);
        links.add(to);
      }
    }
    t.deepEqual(
      layer.slots(),
      [...model.keys()].sort((a, b) => a - b),
    );
    for (const [slot, links] of model) {
      t.deepEqual(new Set(layer.targets(slot)), links);
      const sources = [...model].filter(([, targets]) => targets.has(slot)).map(([from]) => from);
      t.deepEqual(
        layer.sources(slot),
        sources.sort((a, b) => a - b),
      );
    }
  },
  { seed: 101, numRuns: 200 },
);
