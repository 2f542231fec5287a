// What an operator wants to know at a glance, and what needs looking after.

/** @import { View } from './types.ts' */
import { weightedMean } from './curves.js';
import { card, instant, loading, tile } from './elements.js';
import { absolute, brief, count, counted, decimal, duration, micros, NONE } from './format.js';
import { siteOf } from './model.js';
import { NEARLY_SPENT, privacyLines, shareSpent } from './privacy-view.js';
import { noRounds, roundBadge } from './rounds-view.js';
import { phaseLegend, roundBar, roundSpan, timeLine } from './timeline.js';
import { h } from './vdom.js';

/** Sites that one line of attention names. */
const NAMED_MAX = 8;
/** Milliseconds before its end from which a roster is mentioned: it is renewed long before. */
const ROSTER_SOON_MS = 3_600_000;

/** @param {View} view */
export function overviewView(view) {
  const { status } = view.model;
  if (status === null) return [loading()];
  return [
    h('p', { class: 'waiting', key: 'waiting' }, h('strong', null, 'Now: '), now(view)),
    tiles(view),
    attention(view),
    presentRound(view),
    recent(view),
    identity(view),
  ];
}

/** @param {View} view */
function now({ model: { status } }) {
  if (status === null) return '';
  if (status.finished) return `all ${counted(status.roundsPlanned, 'planned round')} are done.`;
  return `waiting for ${status.waitingFor}.`;
}

/** @param {View} view */
function tiles({ model, nowMs }) {
  const { evaluations, members, status, versions } = model;
  if (status === null) return null;
  const all = members === null ? status.members : [...members.values()];
  const newest = versions?.versions[0];
  return h(
    'dl',
    { class: 'tiles', key: 'tiles' },
    tile(
      'Rounds',
      `${count(status.roundsDone)} of ${count(status.roundsPlanned)}`,
      'done',
      '#/rounds',
    ),
    tile(
      'Version',
      status.version,
      newest === undefined
        ? 'the first model'
        : h('span', null, 'final ', instant(newest.finalisedAtMs, nowMs)),
      '#/versions',
    ),
    tile(
      'Sites connected',
      `${all.filter(({ connected }) => connected).length} of ${all.length}`,
      `${all.filter(({ ready }) => ready).length} configured`,
      '#/sites',
    ),
    tile('Recall@10', ...recall(evaluations), '#/learning'),
    tile(
      'Training loss',
      newest === undefined ? NONE : micros(newest.lossLastMicros, 4),
      newest === undefined ? 'no round is final' : `in round ${newest.round}`,
      '#/learning',
    ),
    tile(
      'Log',
      `${count(status.events)}`,
      status.log.reachable ? `events, ${status.log.kind}` : 'not reachable',
    ),
  );
}

/** @param {View['model']['evaluations']} evaluations @returns {[string, string]} */
function recall(evaluations) {
  const of = (/** @type {string} */ stage) => {
    const cells = evaluations?.cells.filter((cell) => cell.stage === stage) ?? [];
    const newest = Math.max(...cells.map(({ version }) => version));
    return weightedMean(
      cells.filter(({ version }) => version === newest),
      'recallAt10',
    );
  };
  const [before, federated] = [of('before'), of('federated')];
  if (federated === null)
    return [decimal(before), before === null ? 'not measured' : 'before training'];
  return [
    decimal(federated),
    before === null ? 'mean of all sites' : `was ${decimal(before)} before`,
  ];
}

/** @param {View} view */
function attention({ model, nowMs }) {
  const found = troubles(model, nowMs);
  if (found.length === 0) return null;
  return card(
    'Needs a look',
    h(
      'ul',
      { class: 'attention' },
      found.map((line) => h('li', { key: line }, line)),
    ),
  );
}

/** @param {View['model']} model @param {number} nowMs @returns {string[]} */
function troubles(model, nowMs) {
  const { members, rounds, status } = model;
  const lines = [];
  const offline = [...(members?.values() ?? [])].filter(({ state }) => state === 'offline');
  if (offline.length > 0) lines.push(`${listed(offline.map(({ site }) => site))} offline`);
  const spent = privacyLines(model).filter((line) => (shareSpent(line) ?? 0) >= NEARLY_SPENT);
  if (spent.length > 0) {
    lines.push(
      `${listed(spent.map(({ site }) => site))}: at least 80 % of the privacy budget is spent`,
    );
  }
  for (const { failure, phase, round } of rounds?.slice(0, 5) ?? []) {
    if (phase === 'failed') lines.push(`Round ${round} failed: ${failure ?? 'no reason is known'}`);
  }
  if (status === null) return lines;
  if (!status.log.reachable) lines.push(`The log is not reachable: ${status.log.detail}`);
  const { expired, notAfterMs, proposal } = status.roster;
  if (expired)
    lines.push(
      `The roster ended on ${absolute(notAfterMs)}: administrators have to sign the next one`,
    );
  else if (notAfterMs - nowMs < ROSTER_SOON_MS)
    lines.push(`The roster ends in ${duration(notAfterMs - nowMs)}`);
  if (proposal !== null) {
    lines.push(`Roster ${proposal.seq} has ${proposal.signed} of ${proposal.threshold} signatures`);
  }
  return lines;
}

/** @param {readonly string[]} names */
function listed(names) {
  const more = names.length - NAMED_MAX;
  return names.slice(0, NAMED_MAX).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** @param {View} view */
function presentRound({ model, nowMs }) {
  const round = model.rounds?.[0];
  if (round === undefined || model.chosen.roundsBefore !== null || round.closedAtMs !== null)
    return null;
  const awaited = round.masked?.awaited ?? [];
  return card(
    `Round ${round.round}`,
    h(
      'p',
      null,
      roundBadge(round),
      ` since ${duration(roundSpan(round, nowMs))}: ${round.coverage.cohort} asked, `,
      `${round.updates.length} updates, ${round.votes.length} votes`,
      awaited.length > 0 && `; awaited: ${listed(awaited.map((each) => siteOf(model, each)))}`,
    ),
    roundBar(round, roundSpan(round, nowMs), nowMs),
  );
}

/** @param {View} view */
function recent(view) {
  const { rounds } = view.model;
  if (rounds === null || view.model.chosen.roundsBefore !== null) return null;
  if (rounds.length === 0) return noRounds(view);
  return card(
    'Recent rounds',
    timeLine(rounds, view.nowMs),
    phaseLegend(),
    h('p', { class: 'onward' }, h('a', { href: '#/rounds' }, 'All rounds')),
  );
}

/** @param {View} view */
function identity({ model: { status } }) {
  if (status === null) return null;
  const app =
    status.app === null ? 'the encoder for search' : `${status.app.name}, ${status.app.strategy}`;
  return card(
    'Federation',
    h(
      'dl',
      { class: 'pairs' },
      h('dt', null, 'Trains'),
      h('dd', null, app),
      h('dt', null, 'Federation'),
      h('dd', null, h('code', { title: status.federation }, brief(status.federation))),
      h('dt', null, 'Model'),
      h('dd', null, h('code', { title: status.model }, brief(status.model))),
      h('dt', null, 'Roster'),
      h(
        'dd',
        null,
        `number ${status.roster.seq}, in force until ${absolute(status.roster.notAfterMs)}`,
      ),
      h('dt', null, 'Listens at'),
      h('dd', null, status.addresses.join(', ') || NONE),
      h('dt', null, 'Log'),
      h('dd', null, `${status.log.kind}, ${status.log.detail}`),
    ),
  );
}
