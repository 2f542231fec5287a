// What the page knows, and how an event of the coordinator changes it.

/** @import { Model, Section } from './types.ts' */
/** @import { MemberView, PatternView, RoundView, VersionView } from './api-types.ts' */
/** @import { StreamEvent } from './event-stream.js' */

/** @type {readonly { readonly section: Section, readonly title: string }[]} */
export const SECTIONS = [
  { section: 'overview', title: 'Overview' },
  { section: 'rounds', title: 'Rounds' },
  { section: 'learning', title: 'Learning' },
  { section: 'versions', title: 'Versions' },
  { section: 'sites', title: 'Sites' },
  { section: 'mesh', title: 'Mesh' },
  { section: 'patterns', title: 'Patterns' },
  { section: 'privacy', title: 'Privacy' },
  { section: 'ledger', title: 'Ledger' },
];

/** Rounds on one page. */
export const ROUNDS_PER_PAGE = 20;

/** @returns {Model} */
export function emptyModel() {
  return {
    section: 'overview',
    token: null,
    refusal: null,
    link: { state: 'connecting' },
    ...nothingKnown(),
    chosen: {
      theme: 'system',
      roundsBefore: null,
      openRounds: new Set(),
      openPatterns: new Set(),
      tables: {},
      curves: null,
      node: null,
      historyBefore: null,
      isMenuOpen: false,
    },
  };
}

/** What is left after a sign-out. */
export function nothingKnown() {
  return {
    status: null,
    rounds: null,
    members: null,
    versions: null,
    evaluations: null,
    patterns: null,
    mesh: null,
    balances: null,
    history: null,
    check: null,
    failures: {},
  };
}

/** @param {string} hash such as `#/rounds` @returns {Section} */
export function sectionOf(hash) {
  const name = hash.replace(/^#\/?/, '');
  return SECTIONS.find(({ section }) => section === name)?.section ?? 'overview';
}

/**
 * Takes the view that an event carries in place of the one it knows; a list that was never loaded
 * is left alone, since it would be a part that looks like the whole.
 * @param {Model} model
 * @param {StreamEvent} event
 */
export function applyEvent(model, event) {
  const data = JSON.parse(event.data);
  switch (event.event) {
    case 'status':
      if (model.status !== null) model.status = { ...model.status, ...data };
      break;
    case 'round':
      takeRound(model, data);
      break;
    case 'member':
      if (model.members !== null) model.members = withMember(model.members, data);
      break;
    case 'version':
      takeVersion(model, data);
      break;
    case 'pattern':
      if (model.patterns !== null) model.patterns = withPattern(model.patterns, data);
      break;
    default:
      break;
  }
}

/** @param {Model} model @param {RoundView} round */
function takeRound(model, round) {
  if (model.rounds === null) return;
  const at = model.rounds.findIndex((known) => known.round === round.round);
  if (at >= 0) {
    model.rounds = model.rounds.with(at, round);
    return;
  }
  const isNewest = round.round > (model.rounds[0]?.round ?? 0);
  if (!isNewest || model.chosen.roundsBefore !== null) return;
  model.rounds = [round, ...model.rounds].slice(0, ROUNDS_PER_PAGE);
}

/** @param {ReadonlyMap<string, MemberView>} members @param {MemberView} member */
function withMember(members, member) {
  return new Map(members).set(member.member, member);
}

/** @param {ReadonlyMap<string, PatternView>} patterns @param {PatternView} pattern */
function withPattern(patterns, pattern) {
  return new Map(patterns).set(pattern.id, pattern);
}

/** @param {Model} model @param {VersionView} version */
function takeVersion(model, version) {
  if (model.versions === null) return;
  const others = model.versions.versions.filter((known) => known.version !== version.version);
  const versions = [version, ...others].sort((a, b) => b.version - a.version);
  model.versions = { ...model.versions, versions };
}

/** A member's site, as far as it is known. @param {Model} model @param {string} member */
export function siteOf(model, member) {
  const known = model.members?.get(member)?.site;
  if (known !== undefined) return known;
  const listed = model.status?.members.find((each) => each.member === member)?.site;
  if (listed !== undefined) return listed;
  if (model.status?.coordinator === member) return model.status.name;
  return `${member.slice(0, 10)}…`;
}
