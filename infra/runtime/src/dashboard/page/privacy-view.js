// What the rounds so far let be learned of each site's collection, and where its limit is.

/** @import { PrivacyReport } from './api-types.ts' */
/** @import { Tone } from './elements.js' */
/** @import { Model, View } from './types.ts' */
import { dataTable } from './data-table.js';
import { badge, bar, card, emptyState, loading } from './elements.js';
import { count, NONE } from './format.js';
import { h } from './vdom.js';

/** Share of a budget from which a site is mentioned. */
export const NEARLY_SPENT = 0.8;

/** @typedef {PrivacyReport & { readonly member: string, readonly site: string }} PrivacyLine */

/** @param {View} view */
export function privacyView(view) {
  if (view.model.members === null) return [loading()];
  const lines = privacyLines(view.model);
  if (lines.length === 0) {
    return [
      emptyState(
        'No site has reported a privacy budget.',
        'Connected sites report what the rounds so far showed of them. A site sets its limit with ',
        h('code', null, 'starling privacy set --epsilon 8'),
        '.',
      ),
    ];
  }
  return [
    h(
      'p',
      { class: 'soft' },
      'ε bounds how much anyone can tell from all rounds with noise so far whether one unit of a site’s data was in them; smaller tells less. Rounds without noise have no bound.',
    ),
    card('Budgets', ...table(view, lines)),
  ];
}

/** Of the sites that report one. @param {Model} model @returns {PrivacyLine[]} */
export function privacyLines({ members }) {
  return [...(members?.values() ?? [])].flatMap(({ member, report, site }) =>
    report?.privacy ? [{ ...report.privacy, member, site }] : [],
  );
}

/** Null without a limit; 1 and above when it is spent. @param {PrivacyReport} line */
export function shareSpent(line) {
  const { epsilonMaxMicros } = line;
  if (epsilonMaxMicros === null || epsilonMaxMicros === 0) return null;
  const spent = spentMicros(line);
  return spent === null ? 1 : spent / epsilonMaxMicros;
}

/** Null when a round showed the unit without bound. @param {PrivacyReport} line */
function spentMicros({ epsilonMicros, roundsWithoutBound }) {
  return roundsWithoutBound > 0 ? null : epsilonMicros;
}

/** @param {View} view @param {readonly PrivacyLine[]} lines */
function table(view, lines) {
  const endless = Number.POSITIVE_INFINITY;
  return dataTable(view, {
    section: 'privacy',
    caption: 'Privacy budgets by site, as the sites report them',
    filterLabel: lines.length > 10 ? 'Find' : undefined,
    rows: lines,
    keyOf: ({ member }) => member,
    textOf: ({ site }) => site,
    columns: [
      { title: 'Site', order: ({ site }) => site, cell: ({ site }) => site },
      {
        title: 'Spent of the limit',
        order: (line) => shareSpent(line) ?? -1,
        cell: (line) => budget(line),
      },
      {
        title: 'ε spent',
        isNumber: true,
        order: (line) => spentMicros(line) ?? endless,
        cell: (line) => epsilon(spentMicros(line), 'no bound'),
      },
      {
        title: 'Limit ε',
        isNumber: true,
        order: ({ epsilonMaxMicros }) => epsilonMaxMicros ?? endless,
        cell: ({ epsilonMaxMicros }) => epsilon(epsilonMaxMicros, 'none set'),
      },
      {
        title: 'δ',
        isNumber: true,
        cell: ({ deltaPicos }) => (deltaPicos / 1e12).toExponential(1),
      },
      { title: 'Unit', order: ({ unit }) => unit, cell: ({ unit }) => `one ${unit}` },
      {
        title: 'Rounds with noise',
        isNumber: true,
        order: ({ rounds }) => rounds,
        cell: ({ rounds }) => count(rounds),
      },
      {
        title: 'Without a bound',
        isNumber: true,
        order: ({ roundsWithoutBound }) => roundsWithoutBound,
        cell: ({ roundsWithoutBound }) =>
          roundsWithoutBound === 0 ? NONE : badge('warning', count(roundsWithoutBound)),
      },
    ],
  });
}

/** @param {number | null} inMicros @param {string} without */
function epsilon(inMicros, without) {
  return inMicros === null ? without : (inMicros / 1e6).toFixed(3);
}

/** @param {PrivacyLine} line */
function budget(line) {
  const share = shareSpent(line);
  if (share === null) return h('span', { class: 'soft' }, 'no limit');
  /** @type {Tone} */
  const tone = share >= 1 ? 'bad' : share >= NEARLY_SPENT ? 'warning' : 'good';
  const text = `${Math.round(100 * share)} %`;
  return h('span', { class: 'with-bar' }, bar(share, `${text} of the limit`, tone), text);
}
