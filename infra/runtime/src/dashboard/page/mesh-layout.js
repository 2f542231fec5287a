// Where the nodes of a graph stand: forces as in Fruchterman & Reingold (1991), from a sunflower
// spiral, without randomness, in a fixed number of steps. The same graph looks the same.

/** @typedef {{ readonly x: number, readonly y: number }} Place */

/** Steps of one layout; each is n² forces at most. */
export const STEPS_MAX = 200;
/** Pairs of nodes over all steps, so that large graphs take fewer steps. */
export const PAIRS_MAX = 20_000_000;
const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5));
/** Share by which nodes are drawn to the middle, so that parts without a link stay in sight. */
const GRAVITY = 0.02;

/**
 * @param {number} nodes
 * @param {readonly (readonly [number, number])[]} links by the nodes' places in their list
 * @returns {{ readonly places: readonly Place[], readonly steps: number }} within the unit square
 */
export function layOut(nodes, links) {
  const x = new Float64Array(nodes);
  const y = new Float64Array(nodes);
  for (let i = 0; i < nodes; i++) {
    const radius = Math.sqrt((i + 0.5) / Math.max(1, nodes));
    x[i] = radius * Math.cos(i * GOLDEN_ANGLE);
    y[i] = radius * Math.sin(i * GOLDEN_ANGLE);
  }
  const steps = nodes < 2 ? 0 : Math.min(STEPS_MAX, Math.ceil(PAIRS_MAX / (nodes * nodes)));
  const ideal = Math.sqrt(Math.PI / Math.max(1, nodes));
  for (let step = 0; step < steps; step++) {
    move(x, y, links, ideal, 0.12 * (1 - step / steps));
  }
  return { places: fitted(x, y), steps };
}

/**
 * @param {Float64Array} x @param {Float64Array} y
 * @param {readonly (readonly [number, number])[]} links
 * @param {number} ideal distance of linked nodes
 * @param {number} stepMax
 */
function move(x, y, links, ideal, stepMax) {
  const nodes = x.length;
  const [dx, dy] = [new Float64Array(nodes), new Float64Array(nodes)];
  const push = (/** @type {number} */ at, /** @type {number} */ byX, /** @type {number} */ byY) => {
    dx[at] = (dx[at] ?? 0) + byX;
    dy[at] = (dy[at] ?? 0) + byY;
  };
  for (let i = 0; i < nodes; i++) {
    for (let j = 0; j < i; j++) {
      const [gapX, gapY] = [(x[i] ?? 0) - (x[j] ?? 0), (y[i] ?? 0) - (y[j] ?? 0)];
      const force = (ideal * ideal) / Math.max(1e-9, gapX * gapX + gapY * gapY);
      push(i, gapX * force, gapY * force);
      push(j, -gapX * force, -gapY * force);
    }
  }
  // Many links of one node would pull its neighbours into one point.
  const degree = new Float64Array(nodes);
  for (const [a, b] of links) {
    degree[a] = (degree[a] ?? 0) + 1;
    degree[b] = (degree[b] ?? 0) + 1;
  }
  for (const [a, b] of links) {
    const [gapX, gapY] = [(x[a] ?? 0) - (x[b] ?? 0), (y[a] ?? 0) - (y[b] ?? 0)];
    const share = 2 / Math.sqrt(Math.max(1, (degree[a] ?? 1) * (degree[b] ?? 1)));
    const force = (share * Math.hypot(gapX, gapY)) / ideal;
    push(a, -gapX * force, -gapY * force);
    push(b, gapX * force, gapY * force);
  }
  for (let i = 0; i < nodes; i++) {
    const [byX, byY] = [
      (dx[i] ?? 0) - GRAVITY * (x[i] ?? 0) * nodes * ideal,
      (dy[i] ?? 0) - GRAVITY * (y[i] ?? 0) * nodes * ideal,
    ];
    const length = Math.max(1e-9, Math.hypot(byX, byY));
    const step = Math.min(stepMax, length) / length;
    x[i] = (x[i] ?? 0) + byX * step;
    y[i] = (y[i] ?? 0) + byY * step;
  }
}

/** @param {Float64Array} x @param {Float64Array} y @returns {Place[]} */
function fitted(x, y) {
  if (x.length === 1) return [{ x: 0.5, y: 0.5 }];
  const [left, right] = [Math.min(...x), Math.max(...x)];
  const [top, bottom] = [Math.min(...y), Math.max(...y)];
  return Array.from(x, (across, i) => ({
    x: (across - left) / Math.max(1e-9, right - left),
    y: ((y[i] ?? 0) - top) / Math.max(1e-9, bottom - top),
  }));
}
