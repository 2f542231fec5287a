// A table with a caption, columns that sort, a filter and pages: however many rows there are, no
// more than one page of them is in the document.

/** @import { Child, Section, TableChoice, View, VNode } from './types.ts' */
import { scroller } from './elements.js';
import { count } from './format.js';
import { h } from './vdom.js';

/** Rows on one page. */
export const ROWS_PER_PAGE = 50;

/**
 * @template Row
 * @typedef {object} Column
 * @property {string} title
 * @property {(row: Row) => Child} cell
 * @property {(row: Row) => string | number | bigint} [order] what the column sorts by
 * @property {boolean} [isNumber]
 */

/**
 * @template Row
 * @typedef {object} TableParts
 * @property {Section} section whose choice of order and page it follows
 * @property {string} caption
 * @property {readonly Row[]} rows
 * @property {(row: Row) => string} keyOf
 * @property {readonly Column<Row>[]} columns the first one names the row
 * @property {(row: Row) => string} textOf what the filter looks into
 * @property {string | undefined} [filterLabel] no filter without it
 * @property {readonly string[]} [states] offered as a filter
 * @property {(row: Row) => string} [stateOf]
 */

/**
 * @template Row
 * @param {View} view
 * @param {TableParts<Row>} parts
 * @returns {readonly (VNode | false)[]}
 */
export function dataTable(view, parts) {
  const choice = choiceOf(view, parts);
  const rows = sorted(parts, filtered(parts, choice), choice);
  const pages = Math.max(1, Math.ceil(rows.length / ROWS_PER_PAGE));
  const page = Math.min(choice.page, pages - 1);
  const shown = rows.slice(page * ROWS_PER_PAGE, (page + 1) * ROWS_PER_PAGE);
  const change = (/** @type {Partial<TableChoice>} */ part) =>
    view.choose((chosen) => {
      chosen.tables[parts.section] = { ...choice, page: 0, ...part };
    });
  return [
    parts.filterLabel !== undefined && filters(parts, choice, rows.length, change),
    scroller(
      parts.caption,
      h(
        'table',
        null,
        h('caption', null, parts.caption),
        h(
          'thead',
          null,
          h(
            'tr',
            null,
            parts.columns.map((each) => heading(each, choice, change)),
          ),
        ),
        h(
          'tbody',
          null,
          shown.map((row) => tableRow(parts, row)),
        ),
      ),
    ),
    pages > 1 && pager(page, pages, (to) => change({ page: to })),
  ];
}

/** @template Row @param {TableParts<Row>} parts @param {Row} row */
function tableRow({ columns, keyOf }, row) {
  return h(
    'tr',
    { key: keyOf(row) },
    columns.map(({ cell, isNumber }, at) =>
      at === 0
        ? h('th', { scope: 'row' }, cell(row))
        : h('td', { class: isNumber ? 'number' : undefined }, cell(row)),
    ),
  );
}

/**
 * @template Row
 * @param {Column<Row>} column
 * @param {TableChoice} choice
 * @param {(part: Partial<TableChoice>) => void} change
 */
function heading({ isNumber, order, title }, choice, change) {
  const className = isNumber ? 'number' : undefined;
  if (order === undefined) return h('th', { scope: 'col', class: className }, title);
  const isSorted = choice.sort === title;
  const direction = choice.isDescending ? 'descending' : 'ascending';
  const onclick = () =>
    change({ sort: title, isDescending: isSorted ? !choice.isDescending : isNumber === true });
  return h(
    'th',
    { scope: 'col', class: className, 'aria-sort': isSorted ? direction : undefined },
    h(
      'button',
      { type: 'button', class: 'sort', onclick },
      title,
      h('span', { 'aria-hidden': 'true' }, isSorted ? (choice.isDescending ? '▾' : '▴') : ''),
    ),
  );
}

/**
 * @template Row
 * @param {TableParts<Row>} parts
 * @param {TableChoice} choice
 * @param {number} found
 * @param {(part: Partial<TableChoice>) => void} change
 */
function filters({ filterLabel = '', rows, states = [] }, choice, found, change) {
  const read = (/** @type {Event} */ event) =>
    /** @type {HTMLInputElement | HTMLSelectElement} */ (event.target).value;
  return h(
    'div',
    { class: 'filters', role: 'search' },
    h(
      'label',
      null,
      filterLabel,
      h('input', {
        type: 'search',
        value: choice.text,
        oninput: (/** @type {Event} */ event) => change({ text: read(event) }),
      }),
    ),
    states.length > 0 &&
      h(
        'label',
        null,
        'State',
        h(
          'select',
          {
            value: choice.state,
            onchange: (/** @type {Event} */ event) => change({ state: read(event) }),
          },
          h('option', { value: '' }, 'all'),
          states.map((state) => h('option', { value: state, key: state }, state)),
        ),
      ),
    h('span', { class: 'soft', role: 'status' }, `${count(found)} of ${count(rows.length)}`),
  );
}

/** @param {number} page @param {number} pages @param {(page: number) => void} go */
function pager(page, pages, go) {
  return h(
    'div',
    { class: 'pager', role: 'group', 'aria-label': 'Pages' },
    h(
      'button',
      { type: 'button', disabled: page === 0, onclick: () => go(page - 1) },
      'Previous page',
    ),
    h('span', null, `Page ${count(page + 1)} of ${count(pages)}`),
    h(
      'button',
      { type: 'button', disabled: page === pages - 1, onclick: () => go(page + 1) },
      'Next page',
    ),
  );
}

/** @template Row @param {View} view @param {TableParts<Row>} parts @returns {TableChoice} */
function choiceOf({ model }, { columns, section }) {
  const sort = columns.find(({ order }) => order !== undefined)?.title ?? '';
  return (
    model.chosen.tables[section] ?? { sort, isDescending: false, text: '', state: '', page: 0 }
  );
}

/** @template Row @param {TableParts<Row>} parts @param {TableChoice} choice */
function filtered({ rows, stateOf, textOf }, { state, text }) {
  const wanted = text.trim().toLowerCase();
  return rows.filter(
    (row) =>
      (state === '' || stateOf?.(row) === state) &&
      (wanted === '' || textOf(row).toLowerCase().includes(wanted)),
  );
}

/** @template Row @param {TableParts<Row>} parts @param {readonly Row[]} rows @param {TableChoice} choice */
function sorted({ columns }, rows, { isDescending, sort }) {
  const order = columns.find(({ title }) => title === sort)?.order;
  if (order === undefined) return rows;
  const sign = isDescending ? -1 : 1;
  return [...rows].sort((a, b) => sign * compare(order(a), order(b)));
}

const COLLATOR = new Intl.Collator('en', { numeric: true });

/** @param {string | number | bigint} a @param {string | number | bigint} b */
function compare(a, b) {
  if (typeof a === 'string' && typeof b === 'string') return COLLATOR.compare(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}
