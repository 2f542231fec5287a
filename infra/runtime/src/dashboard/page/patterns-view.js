// Search patterns that sites proposed, and who found them good on queries of their own.

/** @import { View } from './types.ts' */
/** @import { PatternView } from './api-types.ts' */
import { dataTable } from './data-table.js';
import { badge, card, emptyState, loading } from './elements.js';
import { brief, micros, NONE } from './format.js';
import { siteOf } from './model.js';
import { h } from './vdom.js';

const TONES = /** @type {const} */ ({
  proposed: 'busy',
  final: 'good',
  lapsed: 'neutral',
  retired: 'neutral',
});

/** @param {View} view */
export function patternsView(view) {
  const { patterns } = view.model;
  if (patterns === null) return [loading()];
  if (patterns.size === 0) {
    return [
      emptyState(
        'No site has proposed a pattern yet.',
        'A site learns them from its own queries with ',
        h('code', null, 'starling patterns learn'),
        ' and proposes them when its config says ',
        h('code', null, 'patterns.propose'),
        '.',
      ),
    ];
  }
  return [
    card(
      'All patterns',
      ...dataTable(view, {
        section: 'patterns',
        caption: 'Patterns and their votes',
        filterLabel: 'Find',
        states: Object.keys(TONES),
        stateOf: ({ status }) => status,
        rows: [...patterns.values()],
        keyOf: ({ id }) => id,
        textOf: ({ id, proposer }) => `${id} ${siteOf(view.model, proposer)}`,
        columns: [
          {
            title: 'Pattern',
            order: ({ id }) => id,
            cell: ({ id }) => h('code', { title: id }, brief(id)),
          },
          {
            title: 'State',
            order: ({ status }) => status,
            cell: ({ status }) => badge(TONES[status], status),
          },
          {
            title: 'Proposed by',
            order: ({ proposer }) => siteOf(view.model, proposer),
            cell: ({ proposer }) => siteOf(view.model, proposer),
          },
          {
            title: 'Votes',
            order: ({ verdicts }) => verdicts.accepts,
            cell: (pattern) => votes(view, pattern),
          },
          {
            title: 'Search width',
            isNumber: true,
            order: ({ efSearch }) => efSearch,
            cell: ({ efSearch }) => efSearch,
          },
          {
            title: 'Recall it keeps',
            isNumber: true,
            order: ({ recallMicros }) => recallMicros ?? -1,
            cell: ({ recallMicros }) => micros(recallMicros),
          },
          {
            title: 'Block',
            isNumber: true,
            order: ({ height }) => height ?? -1,
            cell: ({ height }) => height ?? NONE,
          },
        ],
      }),
    ),
  ];
}

/** How many voted how; on demand who, with the recall that each measured. @param {View} view @param {PatternView} pattern */
function votes({ choose, model }, { attestations, id, verdicts }) {
  const isOpen = model.chosen.openPatterns.has(id);
  const names = (/** @type {PatternView['attestations'][number]['verdict']} */ kind) =>
    attestations
      .filter(({ verdict }) => verdict === kind)
      .map(({ member, recallMicros }) => `${siteOf(model, member)} (${micros(recallMicros)})`)
      .join(', ') || 'nobody';
  const toggle = () =>
    choose(({ openPatterns }) => {
      if (!openPatterns.delete(id)) openPatterns.add(id);
    });
  const { abstains, accepts, rejects } = verdicts;
  return h(
    'div',
    { class: 'votes' },
    h(
      'button',
      { type: 'button', class: 'quiet', 'aria-expanded': String(isOpen), onclick: toggle },
      tally(accepts, rejects),
      `${accepts} for, ${rejects} against${abstains === 0 ? '' : `, ${abstains} abstain`}`,
    ),
    isOpen &&
      h(
        'dl',
        { class: 'pairs' },
        h('dt', null, 'For'),
        h('dd', null, names('accept')),
        h('dt', null, 'Against'),
        h('dd', null, names('reject')),
        h('dt', null, 'Abstain'),
        h('dd', null, names('abstain')),
      ),
  );
}

/** @param {number} accepts @param {number} rejects */
function tally(accepts, rejects) {
  const all = Math.max(1, accepts + rejects);
  const share = (100 * accepts) / all;
  return h(
    'svg',
    { class: 'tally', viewBox: '0 0 100 6', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    h('rect', { class: 'track', width: 100, height: 6 }),
    h('rect', { class: 'for', width: share.toFixed(1), height: 6 }),
    rejects > 0 &&
      h('rect', {
        class: 'against',
        x: share.toFixed(1),
        width: (100 - share).toFixed(1),
        height: 6,
      }),
  );
}
