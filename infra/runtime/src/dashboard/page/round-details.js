// One round in full: why these sites, what each did, how long the phases took.

/** @import { RoundView } from './api-types.ts' */
/** @import { View } from './types.ts' */
import { badge, scroller } from './elements.js';
import { absolute, count, counted, duration, micros, NONE, percent } from './format.js';
import { siteOf } from './model.js';
import { phasesOf } from './timeline.js';
import { h } from './vdom.js';

/** With more members a round lists their names instead of a line for each. */
export const MEMBER_LINES_MAX = 30;

/** @param {View} view @param {RoundView} round */
export function roundDetails(view, round) {
  const { coverage, masked } = round;
  const covered = percent(coverage.examples, coverage.registeredExamples);
  return h(
    'div',
    { class: 'details' },
    round.failure !== null && h('p', { class: 'notice warning' }, `It failed: ${round.failure}`),
    h(
      'dl',
      { class: 'pairs' },
      h('dt', null, 'Cohort'),
      h('dd', null, round.selection),
      h('dt', null, 'Coverage'),
      h(
        'dd',
        null,
        `${coverage.members} of ${counted(coverage.cohort, 'site')}, `,
        `${count(coverage.examples)} of ${count(coverage.registeredExamples)} registered examples (${covered})`,
      ),
      h('dt', null, 'Loss'),
      h('dd', null, `${micros(round.lossFirstMicros, 4)} → ${micros(round.lossLastMicros, 4)}`),
      h('dt', null, 'Opened'),
      h('dd', null, absolute(round.openedAtMs)),
      h('dt', null, 'Aggregation'),
      h('dd', null, aggregation(masked)),
    ),
    h('div', { class: 'columns' }, phaseTable(view, round), members(view, round)),
  );
}

/** @param {RoundView['masked']} masked */
function aggregation(masked) {
  if (masked === null) return 'plain: the coordinator sees each update';
  const attempts = counted(masked.attempts, 'attempt');
  return `masked: ${masked.survivors} of ${masked.participants} survivors, ${masked.threshold} shares open a mask, ${attempts}`;
}

/** @param {View} view @param {RoundView} round */
function phaseTable({ nowMs }, round) {
  return scroller(
    `Phases of round ${round.round}`,
    h(
      'table',
      null,
      h('caption', null, 'Phases'),
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          h('th', { scope: 'col' }, 'Phase'),
          h('th', { scope: 'col', class: 'number' }, 'Lasted'),
        ),
      ),
      h(
        'tbody',
        null,
        phasesOf(round, nowMs).map(({ isRunning, lastedMs, phase }, at) =>
          h(
            'tr',
            { key: at },
            h(
              'th',
              { scope: 'row' },
              h('span', { class: `swatch ${phase}`, 'aria-hidden': 'true' }),
              phase,
            ),
            h('td', { class: 'number' }, `${duration(lastedMs)}${isRunning ? ' so far' : ''}`),
          ),
        ),
      ),
    ),
  );
}

/** @param {View} view @param {RoundView} round */
function members({ model }, round) {
  const missing = new Map(
    round.missing.map(({ member, reason }) => [String(member), String(reason)]),
  );
  for (const { member, text } of round.withdrawals) missing.set(member, `withdrew: ${text}`);
  const [updates, votes] = [new Set(round.updates), new Set(round.votes)];
  const all = [...new Set([...round.updates, ...round.votes, ...missing.keys()])];
  const names = (/** @type {Iterable<string>} */ list) =>
    [...list]
      .map((member) => siteOf(model, member))
      .sort()
      .join(', ') || 'nobody';
  if (all.length > MEMBER_LINES_MAX) {
    const reasons = [...missing].map(([member, why]) => `${siteOf(model, member)} (${why})`);
    return h(
      'dl',
      { class: 'pairs' },
      h('dt', null, `In it (${updates.size})`),
      h('dd', null, names(updates)),
      h('dt', null, `Voted (${votes.size})`),
      h('dd', null, names(votes)),
      h('dt', null, `Missing (${missing.size})`),
      h('dd', null, reasons.sort().join(', ') || 'nobody'),
    );
  }
  const sorted = all.sort((a, b) => siteOf(model, a).localeCompare(siteOf(model, b), 'en'));
  return scroller(
    `Sites in round ${round.round}`,
    h(
      'table',
      null,
      h('caption', null, 'Sites'),
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          ['Site', 'Update', 'Vote'].map((title) => h('th', { scope: 'col', key: title }, title)),
        ),
      ),
      h(
        'tbody',
        null,
        sorted.map((member) =>
          h(
            'tr',
            { key: member },
            h('th', { scope: 'row' }, siteOf(model, member)),
            h('td', null, outcome(updates, missing, member)),
            h(
              'td',
              null,
              [...votes].some((each) => each === member) ? badge('good', 'signed') : NONE,
            ),
          ),
        ),
      ),
    ),
  );
}

/** @param {ReadonlySet<string>} updates @param {ReadonlyMap<string, string>} missing @param {string} member */
function outcome(updates, missing, member) {
  if (updates.has(member)) return badge('good', 'in it');
  const reason = missing.get(member);
  return reason === undefined ? NONE : badge('warning', reason);
}
