// How good the model is, at each site and overall, from version to version.

/** @import { EvaluationsView } from './api-types.ts' */
/** @import { ChartData } from './line-chart.js' */
/** @import { View } from './types.ts' */
import { evaluationCurves, lossCurve, SITE_CURVES_MAX, weightedMean } from './curves.js';
import { card, emptyState, loading, scroller } from './elements.js';
import { count, decimal } from './format.js';
import { lineChart } from './line-chart.js';
import { h } from './vdom.js';

/** Versions of a curve's table, the newest ones. */
export const TABLE_VERSIONS_MAX = 20;

/** @param {View} view */
export function learningView(view) {
  const { chosen, evaluations, versions } = view.model;
  if (evaluations === null || versions === null) return [loading()];
  if (evaluations.cells.length === 0 && versions.versions.length === 0) {
    return [
      emptyState(
        'Nothing was measured yet.',
        'Sites measure recall on queries of their own when they are ready, and again after rounds. See ',
        h('a', { href: '#/sites' }, 'Sites'),
        ' for which are ready.',
      ),
    ];
  }
  const known = evaluations.sites.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const sites = [...(chosen.curves ?? known)].slice(0, SITE_CURVES_MAX);
  const curves = (
    /** @type {'recallAt10' | 'reciprocalRank' | 'loss'} */ measure,
    /** @type {string} */ label,
  ) => evaluationCurves(evaluations, measure, label, sites);
  return [
    stages(evaluations),
    siteChoice(view, evaluations, sites),
    chart(
      'Recall@10',
      'share of queries whose answer is among the first ten',
      curves('recallAt10', 'recall@10'),
    ),
    chart(
      'Mean reciprocal rank',
      'one over the place of the right answer',
      curves('reciprocalRank', 'reciprocal rank'),
    ),
    chart('Training loss, overall', 'at the end of each round', lossCurve(versions)),
    curves('loss', '') !== null &&
      chart('Loss by site', 'on data the sites kept for measuring', curves('loss', 'loss')),
  ];
}

/** Before, trained alone, federated: what the newest evaluation of each stage says. @param {EvaluationsView} evaluations */
function stages({ cells }) {
  const names = [...new Set(cells.map(({ stage }) => stage))];
  if (names.length === 0) return null;
  const newest = (/** @type {string} */ stage) => {
    const own = cells.filter((cell) => cell.stage === stage);
    const bySite = Map.groupBy(own, ({ site }) => site);
    return [...bySite.values()].flatMap(
      (each) => each.toSorted((a, b) => b.version - a.version)[0] ?? [],
    );
  };
  return card(
    'Before, alone, together',
    scroller(
      'Before, alone, together',
      h(
        'table',
        null,
        h('caption', null, 'Means of all sites, by their queries'),
        h(
          'thead',
          null,
          h(
            'tr',
            null,
            h('th', { scope: 'col' }, 'Model'),
            ['Recall@10', 'Reciprocal rank', 'Sites', 'Queries'].map((title) =>
              h('th', { scope: 'col', class: 'number', key: title }, title),
            ),
          ),
        ),
        h(
          'tbody',
          null,
          names.map((stage) => {
            const own = newest(stage);
            const queries = own.reduce((sum, { examples }) => sum + examples, 0);
            return h(
              'tr',
              { key: stage },
              h('th', { scope: 'row' }, STAGE_WORDS[stage] ?? stage),
              h('td', { class: 'number' }, decimal(weightedMean(own, 'recallAt10'))),
              h('td', { class: 'number' }, decimal(weightedMean(own, 'reciprocalRank'))),
              h('td', { class: 'number' }, count(own.length)),
              h('td', { class: 'number' }, count(queries)),
            );
          }),
        ),
      ),
    ),
  );
}

/** @type {Readonly<Record<string, string>>} */
const STAGE_WORDS = {
  before: 'before training',
  alone: 'trained alone, at each site',
  federated: 'trained together',
};

/** Which curves there are, and a way to others. @param {View} view @param {EvaluationsView} evaluations @param {readonly string[]} drawn */
function siteChoice({ choose }, { sites }, drawn) {
  if (sites.length === 0) return null;
  const set = (/** @type {readonly string[]} */ names) =>
    choose((chosen) => Object.assign(chosen, { curves: new Set(names) }));
  return h(
    'div',
    { class: 'legend choices', role: 'group', 'aria-label': 'Curves', key: 'choice' },
    h('span', null, swatch('mean'), 'mean of all sites'),
    h('span', null, swatch('band'), 'lowest to highest site'),
    drawn.map((site, at) =>
      h(
        'span',
        { key: site },
        swatch(`series-${at + 1}`),
        site,
        h(
          'button',
          {
            type: 'button',
            class: 'quiet leave',
            'aria-label': `Leave ${site} out`,
            title: `Leave ${site} out`,
            onclick: () => set(drawn.toSpliced(at, 1)),
          },
          '×',
        ),
      ),
    ),
    drawn.length < Math.min(SITE_CURVES_MAX, sites.length) && addition(sites, drawn, set),
  );
}

/** @param {readonly string[]} sites @param {readonly string[]} drawn @param {(names: readonly string[]) => void} set */
function addition(sites, drawn, set) {
  const onchange = (/** @type {Event} */ event) =>
    set([...drawn, /** @type {HTMLSelectElement} */ (event.target).value]);
  return h(
    'select',
    { 'aria-label': 'Add the curve of a site', value: '', onchange },
    h('option', { value: '' }, 'Add a site…'),
    sites
      .filter((site) => !drawn.includes(site))
      .map((site) => h('option', { value: site, key: site }, site)),
  );
}

/** @param {string} kind */
function swatch(kind) {
  return h('span', { class: `swatch ${kind}`, 'aria-hidden': 'true' });
}

/** @param {string} title @param {string} meaning @param {ChartData | null} data */
function chart(title, meaning, data) {
  if (data === null) {
    return card(
      title,
      emptyState('Nothing was measured yet.', 'The curve begins with the first measured version.'),
    );
  }
  return card(
    title,
    h('p', { class: 'soft' }, `${meaning}. ${summary(data)}`),
    h('div', {
      class: 'chart',
      widget: lineChart,
      data,
      role: 'img',
      'aria-label': `${title}. ${summary(data)}`,
    }),
    h('details', null, h('summary', null, 'Show as a table'), chartTable(title, data)),
  );
}

/** The curve in a sentence. @param {ChartData} data */
function summary({ curves, x }) {
  const overall = curves.find(({ isStrong }) => isStrong);
  const [first, last] = [overall?.values[0], overall?.values.at(-1)];
  return `From ${decimal(first)} at version ${x[0]} to ${decimal(last)} at version ${x.at(-1)}.`;
}

/** @param {string} title @param {ChartData} data */
function chartTable(title, { curves, x, xLabel }) {
  const from = Math.max(0, x.length - TABLE_VERSIONS_MAX);
  const cut = from === 0 ? '' : `, the last ${TABLE_VERSIONS_MAX}`;
  return scroller(
    title,
    h(
      'table',
      null,
      h('caption', null, `${title} by ${xLabel}${cut}`),
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          h('th', { scope: 'col' }, 'Version'),
          curves.map(({ name }) => h('th', { scope: 'col', class: 'number', key: name }, name)),
        ),
      ),
      h(
        'tbody',
        null,
        x.slice(from).map((version, i) =>
          h(
            'tr',
            { key: version },
            h('th', { scope: 'row' }, version),
            curves.map(({ name, values }) =>
              h('td', { class: 'number', key: name }, decimal(values[from + i], 4)),
            ),
          ),
        ),
      ),
    ),
  );
}
