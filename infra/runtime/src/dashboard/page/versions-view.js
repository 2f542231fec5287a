// The model's versions: from which round and base, who is in it, which one is pinned.

/** @import { View } from './types.ts' */
/** @import { VersionView } from './api-types.ts' */
import { dataTable } from './data-table.js';
import { badge, card, emptyState, instant, loading } from './elements.js';
import { brief, count, counted, micros, NONE } from './format.js';
import { siteOf } from './model.js';
import { h } from './vdom.js';

/** @param {View} view */
export function versionsView(view) {
  const { model } = view;
  if (model.versions === null) return [loading()];
  const { pinned, versions } = model.versions;
  if (versions.length === 0) {
    return [
      emptyState(
        'There is no version after the first model yet.',
        'Every final round makes one: plan rounds with ',
        h('code', null, 'starling coordinator rounds --rounds 5'),
        '.',
      ),
    ];
  }
  const inUse = pinned === null ? 'The newest version is in use.' : `Version ${pinned} is pinned.`;
  return [
    h('p', { class: 'soft' }, `${counted(versions.length, 'version')}. ${inUse}`),
    card('All versions', ...table(view, versions)),
  ];
}

/** @param {View} view @param {readonly VersionView[]} versions */
function table(view, versions) {
  const newest = Math.max(...versions.map(({ version }) => version));
  const names = [...new Set(versions.flatMap(({ metrics }) => Object.keys(metrics)))].sort();
  return dataTable(view, {
    section: 'versions',
    caption: 'Versions of the model, newest first',
    rows: versions,
    keyOf: ({ version }) => String(version),
    textOf: ({ model }) => model,
    columns: [
      { title: 'Version', order: ({ version }) => -version, cell: ({ version }) => version },
      { title: 'State', cell: (version) => states(version, newest) },
      { title: 'Round', isNumber: true, order: ({ round }) => round, cell: ({ round }) => round },
      { title: 'Made from', isNumber: true, cell: ({ base }) => base },
      {
        title: 'Loss',
        isNumber: true,
        order: ({ lossLastMicros }) => lossLastMicros,
        cell: ({ lossLastMicros }) => micros(lossLastMicros, 4),
      },
      {
        title: 'Examples',
        isNumber: true,
        order: ({ examples }) => examples,
        cell: ({ examples }) => count(examples),
      },
      {
        title: 'Sites in it',
        isNumber: true,
        order: ({ contributors }) => contributors.length,
        cell: ({ contributors }) =>
          h(
            'span',
            { title: contributors.map((each) => siteOf(view.model, each)).join(', ') },
            contributors.length,
          ),
      },
      ...names.map((name) => ({
        title: name,
        isNumber: true,
        order: (/** @type {VersionView} */ { metrics }) => metrics[name] ?? -1,
        cell: (/** @type {VersionView} */ { metrics }) => metrics[name]?.toFixed(4) ?? NONE,
      })),
      {
        title: 'Final',
        order: ({ finalisedAtMs }) => finalisedAtMs,
        cell: ({ finalisedAtMs }) => instant(finalisedAtMs, view.nowMs),
      },
      { title: 'Model', cell: ({ model }) => h('code', { title: model }, brief(model)) },
    ],
  });
}

/** @param {VersionView} version @param {number} newest */
function states({ pinned, rolledBackTo, version }, newest) {
  return h(
    'span',
    { class: 'badges' },
    version === newest && badge('good', 'newest'),
    pinned && badge('busy', 'pinned'),
    rolledBackTo !== null && badge('warning', `rolled back to ${rolledBackTo}`),
  );
}
