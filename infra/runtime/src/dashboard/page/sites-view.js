// Every site with its state, what it last said of itself, and when it was last heard.

/** @import { View } from './types.ts' */
/** @import { MemberState, MemberView } from './api-types.ts' */
/** @import { Tone } from './elements.js' */
import { dataTable } from './data-table.js';
import { badge, bar, card, emptyState, instant, loading } from './elements.js';
import { brief, count, decimal, NONE, tokens } from './format.js';
import { h } from './vdom.js';

/** @type {readonly MemberState[]} */
export const STATES = ['offline', 'connected', 'registered', 'configured', 'training'];
/** @type {Readonly<Record<MemberState, Tone>>} */
const TONES = {
  offline: 'bad',
  connected: 'warning',
  registered: 'warning',
  configured: 'good',
  training: 'busy',
};
/** @type {Readonly<Record<MemberState, string>>} */
const MEANINGS = {
  offline: 'not connected to the coordinator',
  connected: 'has an open channel, has not registered yet',
  registered: 'told its data size, is still indexing',
  configured: 'ready for the next round',
  training: 'works on the present round',
};

/** @param {View} view */
export function sitesView(view) {
  const { members } = view.model;
  if (members === null) return [loading()];
  if (members.size === 0) {
    return [
      emptyState(
        'No site has joined yet.',
        'Make an invitation with ',
        h('code', null, 'starling invite <site>'),
        ' and let the site use it with ',
        h('code', null, 'starling join'),
        '.',
      ),
    ];
  }
  return [stateCounts([...members.values()]), sitesTable(view, [...members.values()])];
}

/** @param {MemberState} state */
export function stateBadge(state) {
  return h('span', { title: MEANINGS[state] }, badge(TONES[state], state));
}

/** @param {readonly MemberView[]} members */
function stateCounts(members) {
  return h(
    'dl',
    { class: 'states', key: 'states' },
    STATES.map((state) =>
      h(
        'div',
        { key: state },
        h('dt', null, stateBadge(state)),
        h('dd', null, count(members.filter((each) => each.state === state).length)),
        h('dd', { class: 'soft' }, MEANINGS[state]),
      ),
    ),
  );
}

/** @param {View} view @param {readonly MemberView[]} members */
function sitesTable(view, members) {
  /** @param {MemberView} member */
  const recall = ({ evaluations }) =>
    [...evaluations].sort((a, b) => b.version - a.version)[0]?.recallAt10Micros ?? -1;
  return card(
    'All sites',
    ...dataTable(view, {
      section: 'sites',
      caption: 'Sites, their states and their last contact; examples as registered, rounded',
      filterLabel: 'Find',
      states: STATES,
      stateOf: ({ state }) => state,
      rows: members,
      keyOf: ({ member }) => member,
      textOf: ({ member, site }) => `${site} ${member}`,
      columns: [
        {
          title: 'Site',
          order: ({ site }) => site,
          cell: ({ member, site }) => h('span', { title: `member ${member}` }, site),
        },
        {
          title: 'State',
          order: ({ state }) => STATES.indexOf(state),
          cell: (member) =>
            h('span', { class: 'with-bar' }, stateBadge(member.state), progress(member)),
        },
        {
          title: 'Last contact',
          order: ({ lastContactMs }) => lastContactMs ?? 0,
          cell: ({ lastContactMs }) => instant(lastContactMs, view.nowMs),
        },
        {
          title: 'Version',
          isNumber: true,
          order: ({ report }) => report?.version ?? -1,
          cell: ({ report }) => report?.version ?? NONE,
        },
        {
          title: 'Examples',
          isNumber: true,
          order: ({ examplesRounded }) => examplesRounded,
          cell: ({ examplesRounded }) => count(examplesRounded),
        },
        {
          title: 'Recall@10',
          isNumber: true,
          order: recall,
          cell: (member) => (recall(member) < 0 ? NONE : decimal(recall(member) / 1e6)),
        },
        {
          title: 'Tokens',
          isNumber: true,
          order: ({ balance }) => BigInt(balance),
          cell: ({ balance }) => tokens(balance),
        },
        { title: 'Member', cell: ({ member }) => h('code', { title: member }, brief(member)) },
      ],
    }),
  );
}

/** @param {MemberView} member */
function progress({ report, state }) {
  if (state !== 'training' || !report?.progressMicros) return null;
  const share = report.progressMicros / 1e6;
  const text = `${Math.round(100 * share)} %`;
  return h('span', { class: 'with-bar busy' }, bar(share, `${text} of its training`, 'busy'), text);
}
