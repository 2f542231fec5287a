// The mesh as a drawing: one circle per node and one path per kind of link, however many there are.

/** @import { MeshView, MemberState } from './api-types.ts' */
/** @import { Place } from './mesh-layout.js' */
/** @import { VNode } from './types.ts' */
import { h } from './vdom.js';

const SIZE = 1000;
const HEIGHT = 640;
const MARGIN = 46;
/** With more nodes only the chosen one and its neighbours carry their names. */
export const LABELS_MAX = 40;

/**
 * @typedef {object} GraphParts
 * @property {MeshView} mesh
 * @property {ReadonlyMap<string, Place>} places
 * @property {string | null} chosen
 * @property {(member: string) => MemberState | 'coordinator'} stateOf
 * @property {(member: string | null) => void} choose
 */

/** Whom a node has links with. @param {MeshView} mesh @param {string} member */
export function neighboursOf({ links }, member) {
  return new Set(
    links.flatMap(({ from, to }) => (from === member ? [to] : to === member ? [from] : [])),
  );
}

/** @param {GraphParts} parts @returns {VNode} */
export function meshGraph(parts) {
  const { chosen, mesh, places } = parts;
  const near = chosen === null ? null : neighboursOf(mesh, chosen);
  const shown = mesh.nodes.filter(({ member }) => places.has(member));
  const drawn = (/** @type {(link: MeshView['links'][number]) => boolean} */ filter) =>
    pathOf(mesh.links.filter(filter), places);
  return h(
    'svg',
    {
      class: near === null ? 'mesh' : 'mesh focused',
      viewBox: `0 0 ${SIZE} ${HEIGHT}`,
      role: 'group',
      'aria-label': 'Mesh: arrow keys go from node to node, the table below lists all links',
      onkeydown: (/** @type {KeyboardEvent} */ event) => onKey(parts, event),
    },
    h('path', { class: 'line', d: drawn(({ mesh: isMesh }) => !isMesh) }),
    h('path', { class: 'line in-mesh', d: drawn(({ mesh: isMesh }) => isMesh) }),
    h('path', {
      class: 'line chosen',
      d: drawn(({ from, to }) => chosen !== null && (from === chosen || to === chosen)),
    }),
    shown.map((node, at) => nodeMark(parts, node, near, at)),
  );
}

/**
 * @param {GraphParts} parts
 * @param {MeshView['nodes'][number]} node
 * @param {ReadonlySet<string> | null} near
 * @param {number} at
 */
function nodeMark({ choose, chosen, mesh, places, stateOf }, { kind, member, site }, near, at) {
  const { x, y } = spot(places.get(member));
  const isNear = near === null || near.has(member) || member === chosen;
  const hasLabel = mesh.nodes.length <= LABELS_MAX ? true : near !== null && isNear;
  const isReached = chosen === null ? at === 0 : member === chosen;
  const state = stateOf(member);
  const links = neighboursOf(mesh, member).size;
  return h(
    'g',
    {
      key: member,
      class: `node ${kind} ${state}${isNear ? '' : ' far'}${member === chosen ? ' chosen' : ''}`,
      'data-member': member,
      transform: `translate(${x} ${y})`,
      tabindex: isReached ? '0' : '-1',
      role: 'img',
      'aria-label': `${site}, ${state}, ${links} links`,
      onmouseenter: () => choose(member),
      onfocus: () => choose(member),
      onclick: () => choose(member),
    },
    kind === 'coordinator'
      ? h('rect', { x: -13, y: -13, width: 26, height: 26, rx: 5 })
      : h('circle', { r: mesh.nodes.length > LABELS_MAX ? 7 : 12 }),
    hasLabel && h('text', { y: mesh.nodes.length > LABELS_MAX ? -12 : 30 }, site),
  );
}

/** The next node in the arrow's direction takes the focus. @param {GraphParts} parts @param {KeyboardEvent} event */
function onKey({ choose, chosen, mesh, places }, event) {
  if (event.key === 'Escape') return choose(null);
  const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const way = Reflect.get(ways, event.key);
  if (way === undefined) return undefined;
  event.preventDefault();
  const from = spot(places.get(chosen ?? mesh.nodes[0]?.member ?? ''));
  const next = nearest(mesh, places, from, way);
  if (next === undefined) return undefined;
  const svg = /** @type {Element} */ (event.currentTarget);
  const mark = svg.querySelector(`[data-member="${CSS.escape(next)}"]`);
  /** @type {SVGElement | null} */ (mark)?.focus();
  return undefined;
}

/**
 * @param {MeshView} mesh
 * @param {ReadonlyMap<string, Place>} places
 * @param {Place} from
 * @param {readonly [number, number]} way
 */
function nearest({ nodes }, places, from, [wayX, wayY]) {
  let best = Number.POSITIVE_INFINITY;
  /** @type {string | undefined} */
  let found;
  for (const { member } of nodes) {
    const to = spot(places.get(member));
    const along = (to.x - from.x) * wayX + (to.y - from.y) * wayY;
    const aside = Math.abs((to.x - from.x) * wayY) + Math.abs((to.y - from.y) * wayX);
    const cost = along + 2 * aside;
    if (along > 0.5 && cost < best) [best, found] = [cost, member];
  }
  return found;
}

/** @param {MeshView['links']} links @param {ReadonlyMap<string, Place>} places */
function pathOf(links, places) {
  return links
    .filter(({ from, to }) => places.has(from) && places.has(to))
    .map(({ from, to }) => {
      const [a, b] = [spot(places.get(from)), spot(places.get(to))];
      return `M${a.x} ${a.y}L${b.x} ${b.y}`;
    })
    .join('');
}

/** @param {Place | undefined} place @returns {Place} */
function spot(place) {
  const { x, y } = place ?? { x: 0.5, y: 0.5 };
  return {
    x: Math.round(MARGIN + x * (SIZE - 2 * MARGIN)),
    y: Math.round(MARGIN + y * (HEIGHT - 2 * MARGIN)),
  };
}
