// Rounds as a time line: one line each, newest first, one page at a time.

/** @import { RoundView } from './api-types.ts' */
/** @import { View, VNode } from './types.ts' */
import { badge, card, emptyState, instant, loading, scroller } from './elements.js';
import { count, duration, micros, percent } from './format.js';
import { ROUNDS_PER_PAGE } from './model.js';
import { roundDetails } from './round-details.js';
import { phaseLegend, roundBar, roundSpan, timeLine } from './timeline.js';
import { h } from './vdom.js';

/** @param {View} view */
export function roundsView(view) {
  const { chosen, rounds } = view.model;
  if (rounds === null) return [loading()];
  if (rounds.length === 0 && chosen.roundsBefore === null) return [noRounds(view)];
  return [
    card('Time line', timeLine(rounds, view.nowMs), phaseLegend()),
    card('Rounds', roundTable(view, rounds), pager(view, rounds)),
  ];
}

/** @param {View} view */
export function noRounds({ model }) {
  const waiting = model.status === null ? '' : ` Now it waits for: ${model.status.waitingFor}.`;
  return emptyState(
    'No round has begun yet.',
    'Plan some with ',
    h('code', null, 'starling coordinator rounds --rounds 5'),
    `; the first one starts as soon as enough sites are ready.${waiting}`,
  );
}

/** @param {RoundView} round */
export function roundBadge({ phase }) {
  if (phase === 'final') return badge('good', 'final');
  return phase === 'failed' ? badge('bad', 'failed') : badge('busy', phase);
}

/** @param {View} view @param {readonly RoundView[]} rounds */
function roundTable(view, rounds) {
  const longestMs = Math.max(...rounds.map((round) => roundSpan(round, view.nowMs)));
  const columns = ['Round', 'State', 'Phases', 'Lasted', 'Sites', 'Examples', 'Loss', 'Opened'];
  const numbers = new Set(['Lasted', 'Sites', 'Examples', 'Loss']);
  return scroller(
    'Rounds',
    h(
      'table',
      { class: 'rounds' },
      h('caption', null, `Rounds, newest first; the longest bar is ${duration(longestMs)}`),
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          columns.map((title) =>
            h(
              'th',
              { scope: 'col', key: title, class: numbers.has(title) ? 'number' : undefined },
              title,
            ),
          ),
        ),
      ),
      h(
        'tbody',
        null,
        rounds.flatMap((round) => roundRows(view, round, longestMs, columns.length)),
      ),
    ),
  );
}

/** @param {View} view @param {RoundView} round @param {number} longestMs @param {number} width @returns {VNode[]} */
function roundRows(view, round, longestMs, width) {
  const { choose, model, nowMs } = view;
  const isOpen = model.chosen.openRounds.has(round.round);
  const toggle = () =>
    choose(({ openRounds }) => {
      if (!openRounds.delete(round.round)) openRounds.add(round.round);
    });
  const { cohort, examples, members, registeredExamples } = round.coverage;
  const row = h(
    'tr',
    { key: round.round, class: isOpen ? 'open' : undefined },
    h(
      'th',
      { scope: 'row' },
      h(
        'button',
        { type: 'button', class: 'disclose', 'aria-expanded': String(isOpen), onclick: toggle },
        h('span', { 'aria-hidden': 'true' }, isOpen ? '▾' : '▸'),
        h('span', { class: 'unseen' }, 'Round '),
        round.round,
      ),
    ),
    h('td', null, roundBadge(round)),
    h('td', { class: 'wide' }, roundBar(round, longestMs, nowMs)),
    h('td', { class: 'number' }, duration(roundSpan(round, nowMs))),
    h('td', { class: 'number' }, `${members} of ${cohort}`),
    h(
      'td',
      { class: 'number', title: `${percent(examples, registeredExamples)} of the cohort’s` },
      count(round.examples),
    ),
    h('td', { class: 'number' }, round.examples === 0 ? '–' : micros(round.lossLastMicros, 4)),
    h('td', null, instant(round.openedAtMs, nowMs)),
  );
  if (!isOpen) return [row];
  const details = h('td', { colspan: width }, roundDetails(view, round));
  return [row, h('tr', { key: `${round.round}-details`, class: 'more' }, details)];
}

/** @param {View} view @param {readonly RoundView[]} rounds */
function pager({ choose, model }, rounds) {
  const { roundsBefore } = model.chosen;
  const oldest = rounds.at(-1)?.round ?? 1;
  const go = (/** @type {number | null} */ before) =>
    choose((chosen) => Object.assign(chosen, { roundsBefore: before }), 'rounds');
  if (roundsBefore === null && oldest <= 1) return null;
  const newer = (rounds[0]?.round ?? 0) + ROUNDS_PER_PAGE + 1;
  const newest = model.status?.roundsPlanned ?? 0;
  return h(
    'div',
    { class: 'pager', role: 'group', 'aria-label': 'Pages of rounds' },
    h(
      'button',
      { type: 'button', disabled: roundsBefore === null, onclick: () => go(null) },
      'Newest',
    ),
    h(
      'button',
      {
        type: 'button',
        disabled: roundsBefore === null,
        onclick: () => go(newer > newest ? null : newer),
      },
      'Newer',
    ),
    h('button', { type: 'button', disabled: oldest <= 1, onclick: () => go(oldest) }, 'Older'),
  );
}
