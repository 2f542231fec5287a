// Who is connected to whom, and along which links gossip is pushed.

/** @import { MeshView } from './api-types.ts' */
/** @import { View } from './types.ts' */
import { dataTable } from './data-table.js';
import { badge, card, emptyState, loading } from './elements.js';
import { counted, NONE } from './format.js';
import { meshGraph, neighboursOf } from './mesh-graph.js';
import { h } from './vdom.js';

/** @param {View} view */
export function meshView(view) {
  const { mesh } = view.model;
  if (mesh === null) return [loading()];
  if (mesh.links.length === 0) {
    return [
      emptyState(
        'No connection is known.',
        'Sites report theirs once they are connected: see which are offline under ',
        h('a', { href: '#/sites' }, 'Sites'),
        '.',
      ),
    ];
  }
  return [drawing(view, mesh), card('All links', ...linkTable(view, mesh))];
}

/** @param {View} view @param {MeshView} mesh */
function drawing(view, mesh) {
  const { choose, model, places } = view;
  const { node } = model.chosen;
  const stateOf = (/** @type {string} */ member) =>
    model.members?.get(member)?.state ??
    (member === model.status?.coordinator ? 'coordinator' : 'offline');
  const inMesh = mesh.links.filter((link) => link.mesh).length;
  const known = places.of(mesh);
  return card(
    'Graph',
    h(
      'p',
      { class: 'soft' },
      `${counted(mesh.nodes.length, 'node')}, ${counted(mesh.links.length, 'connection')}, `,
      `${inMesh} of them part of the gossip mesh.`,
    ),
    known.size === 0
      ? loading()
      : meshGraph({
          mesh,
          places: known,
          chosen: node,
          stateOf,
          choose: (member) => choose((chosen) => Object.assign(chosen, { node: member })),
        }),
    h('p', { class: 'chosen-node', role: 'status' }, words(mesh, node)),
    legend(),
  );
}

/** @param {MeshView} mesh @param {string | null} node */
function words(mesh, node) {
  if (node === null) return 'Point at a node, or reach it with Tab and the arrow keys.';
  const name = siteIn(mesh, node);
  const near = [...neighboursOf(mesh, node)].map((member) => siteIn(mesh, member)).sort();
  return `${name} has ${counted(near.length, 'link')}: ${near.join(', ') || 'nobody'}`;
}

function legend() {
  return h(
    'ul',
    { class: 'legend', 'aria-label': 'Marks' },
    h('li', null, h('span', { class: 'swatch node-mark coordinator' }), 'coordinator'),
    h('li', null, h('span', { class: 'swatch node-mark configured' }), 'site'),
    h('li', null, h('span', { class: 'swatch node-mark training' }), 'training'),
    h('li', null, h('span', { class: 'swatch node-mark offline' }), 'offline'),
    h('li', null, h('span', { class: 'swatch stroke in-mesh' }), 'link of the gossip mesh'),
    h('li', null, h('span', { class: 'swatch stroke' }), 'other connection'),
  );
}

/** @param {View} view @param {MeshView} mesh */
function linkTable(view, mesh) {
  return dataTable(view, {
    section: 'mesh',
    caption: 'Connections',
    filterLabel: 'Find',
    rows: mesh.links,
    keyOf: ({ from, to }) => `${from}/${to}`,
    textOf: ({ from, to }) => `${siteIn(mesh, from)} ${siteIn(mesh, to)}`,
    columns: [
      {
        title: 'From',
        order: ({ from }) => siteIn(mesh, from),
        cell: ({ from }) => siteIn(mesh, from),
      },
      { title: 'To', order: ({ to }) => siteIn(mesh, to), cell: ({ to }) => siteIn(mesh, to) },
      {
        title: 'Gossip mesh',
        order: (link) => (link.mesh ? 0 : 1),
        cell: (link) => (link.mesh ? badge('good', 'in the mesh') : NONE),
      },
      {
        title: 'Round trip',
        isNumber: true,
        order: ({ rttMs }) => rttMs ?? Number.POSITIVE_INFINITY,
        cell: ({ rttMs }) => (rttMs === null ? NONE : `${rttMs.toFixed(1)} ms`),
      },
    ],
  });
}

/** @param {MeshView} mesh @param {string} member */
function siteIn({ nodes }, member) {
  return nodes.find((node) => node.member === member)?.site ?? `${member.slice(0, 10)}…`;
}
