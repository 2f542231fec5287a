import type { GraphView } from '../hnsw/graph-view.ts';
import { type Distribution, distributionOf } from './distribution.ts';

/** What one walk over all links counts. */
export interface GraphSurvey {
  /** Live slots, ascending. */
  readonly liveSlots: Int32Array;
  readonly deadRows: number;
  /** Live rows on each layer, the base layer first. */
  readonly rowsPerLayer: readonly number[];
  /** Links between live rows on the base layer. */
  readonly links: number;
  /** Links of live rows that still point at dead ones, on the base layer. */
  readonly linksToDead: number;
  /** Base links out of each live row to live ones, in the order of `liveSlots`. */
  readonly degrees: Int32Array;
  /** Base links into each slot from live ones, `[slotCount]`. */
  readonly inDegrees: Int32Array;
  readonly degree: Distribution;
  readonly inDegree: Distribution;
}

/** Counts rows and links; O(links). */
export function surveyGraph(view: GraphView): GraphSurvey {
  const liveSlots = liveSlotsOf(view);
  const rowsPerLayer = new Array<number>(view.layerCount).fill(0);
  const degrees = new Int32Array(liveSlots.length);
  const inDegrees = new Int32Array(view.slotCount);
  let links = 0;
  let linksToDead = 0;
  for (const [row, slot] of liveSlots.entries()) {
    for (let level = view.levelOf(slot); level >= 0; level--) {
      rowsPerLayer[level] = (rowsPerLayer[level] ?? 0) + 1;
    }
    for (const target of view.targets(0, slot)) {
      if (!view.isLive(target)) {
        linksToDead++;
        continue;
      }
      links++;
      degrees[row] = (degrees[row] as number) + 1;
      inDegrees[target] = (inDegrees[target] as number) + 1;
    }
  }
  return {
    ...{ liveSlots, deadRows: view.slotCount - liveSlots.length, rowsPerLayer },
    ...{ links, linksToDead, degrees, inDegrees },
    degree: distributionOf(degrees),
    inDegree: distributionOf(liveSlots.map((slot) => inDegrees[slot] as number)),
  };
}

function liveSlotsOf(view: GraphView): Int32Array {
  const slots: number[] = [];
  for (let slot = 0; slot < view.slotCount; slot++) if (view.isLive(slot)) slots.push(slot);
  return Int32Array.from(slots);
}
