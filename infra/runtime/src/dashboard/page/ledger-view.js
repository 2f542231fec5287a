// The token accounts: who has what, every movement, and whether a replay of the log agrees.

/** @import { View } from './types.ts' */
/** @import { LedgerBalance, LedgerLine } from './api-types.ts' */
import { dataTable } from './data-table.js';
import { badge, bar, card, emptyState, instant, loading, scroller } from './elements.js';
import { count, NONE, tokens } from './format.js';
import { siteOf } from './model.js';
import { HISTORY_PER_PAGE } from './resources.js';
import { h } from './vdom.js';

/** @param {View} view */
export function ledgerView(view) {
  const { balances } = view.model;
  return [
    verification(view),
    card('Balances', ...(balances === null ? [loading()] : balanceTable(view, balances))),
    card('History', ...history(view)),
  ];
}

/** @param {View} view */
function verification({ model: { check }, nowMs, verifyLedger }) {
  const isRunning = check?.state === 'running';
  return h(
    'div',
    { class: 'verification', key: 'verification' },
    h(
      'button',
      { type: 'button', class: 'primary', disabled: isRunning, onclick: verifyLedger },
      isRunning ? 'Verifying…' : 'Verify the ledger',
    ),
    check === null &&
      h('span', { class: 'soft' }, 'replays the whole log and checks every signature in it'),
    check?.state === 'done' && check.problems.length === 0
      ? h(
          'span',
          null,
          badge('good', 'the books balance'),
          ` ${count(check.signaturesVerified)} signatures verified, `,
          instant(check.atMs, nowMs),
        )
      : null,
    (check?.problems.length ?? 0) > 0 &&
      h(
        'div',
        { class: 'notice warning', role: 'alert' },
        h('strong', null, 'What does not hold:'),
        h(
          'ul',
          null,
          check?.problems.map((problem) => h('li', { key: problem }, problem)),
        ),
      ),
  );
}

/** @param {View} view @param {readonly LedgerBalance[]} balances */
function balanceTable(view, balances) {
  const ofMembers = balances.filter(({ account }) => account.startsWith('member:'));
  const most = ofMembers.reduce((max, { balance }) => Math.max(max, Number(balance)), 0);
  return dataTable(view, {
    section: 'ledger',
    caption: 'Balances in whole tokens; they add up to zero',
    filterLabel: balances.length > 10 ? 'Find' : undefined,
    rows: balances,
    keyOf: ({ account }) => account,
    textOf: ({ account, site }) => `${site ?? ''} ${account}`,
    columns: [
      {
        title: 'Account',
        order: ({ account, site }) => site ?? account,
        cell: ({ account, site }) => h('span', { title: account }, site ?? account),
      },
      {
        title: 'Among sites',
        cell: ({ account, balance }) =>
          account.startsWith('member:')
            ? bar(Number(balance) / Math.max(1, most), `${tokens(balance)} tokens`, 'good')
            : NONE,
      },
      {
        title: 'Balance, tokens',
        isNumber: true,
        order: ({ balance }) => BigInt(balance),
        cell: ({ balance }) => tokens(balance),
      },
    ],
  });
}

/** @param {View} view */
function history(view) {
  const { history: lines } = view.model;
  if (lines === null) return [loading()];
  if (lines.length === 0) {
    return [
      emptyState('Nothing was booked yet.', 'Rewards are booked when a round becomes final.'),
    ];
  }
  return [
    scroller(
      'History',
      h(
        'table',
        null,
        h('caption', null, 'Movements, newest first'),
        h(
          'thead',
          null,
          h(
            'tr',
            null,
            h('th', { scope: 'col' }, 'Event'),
            h('th', { scope: 'col', class: 'number' }, 'Round'),
            h('th', { scope: 'col' }, 'Reason'),
            h('th', { scope: 'col' }, 'From'),
            h('th', { scope: 'col' }, 'To'),
            h('th', { scope: 'col', class: 'number' }, 'Tokens'),
          ),
        ),
        h(
          'tbody',
          null,
          lines.map((line, at) => movement(view, line, at)),
        ),
      ),
    ),
    pager(view, lines),
  ];
}

/** @param {View} view @param {LedgerLine} line @param {number} at */
function movement(view, { amount, from, reason, round, seq, to }, at) {
  return h(
    'tr',
    { key: `${seq}/${at}` },
    h('th', { scope: 'row' }, count(seq)),
    h('td', { class: 'number' }, round === 0 ? NONE : round),
    h('td', null, reason),
    h('td', null, accountName(view, from)),
    h('td', null, accountName(view, to)),
    h('td', { class: 'number' }, tokens(amount)),
  );
}

/** @param {View} view @param {string} account */
function accountName(view, account) {
  const known = view.model.balances?.find((each) => each.account === account)?.site;
  const [, member] = /^member:(.*)$/.exec(account) ?? [];
  return known ?? (member === undefined ? account : siteOf(view.model, member));
}

/** @param {View} view @param {readonly LedgerLine[]} lines */
function pager({ choose, model }, lines) {
  const { historyBefore } = model.chosen;
  const go = (/** @type {number | null} */ before) =>
    choose((chosen) => Object.assign(chosen, { historyBefore: before }), 'history');
  const oldest = lines.at(-1)?.seq ?? null;
  if (historyBefore === null && lines.length < HISTORY_PER_PAGE) return null;
  return h(
    'div',
    { class: 'pager', role: 'group', 'aria-label': 'Pages of the history' },
    h(
      'button',
      { type: 'button', disabled: historyBefore === null, onclick: () => go(null) },
      'Newest',
    ),
    h(
      'button',
      { type: 'button', disabled: lines.length < HISTORY_PER_PAGE, onclick: () => go(oldest) },
      'Older',
    ),
  );
}
