// The chain as people read it: where it stands, what it decided, who contradicted itself.

import type { ConsensusView, EvidenceView, SiteNames } from '@starling/runtime';
import { table } from './output.ts';

type Decision = ConsensusView['decisions'][number];

/** Decisions that text shows; JSON has all. */
const DECISIONS_SHOWN = 30;

const STANDINGS: Readonly<Record<ConsensusView['status']['standing'], string>> = Object.freeze({
  attester: 'it measures patterns, and votes from the next epoch on if the roster lists it',
  behind: 'it follows what the others decided meanwhile',
  halted: 'what it was shown as decided contradicts itself: it decides nothing any more',
  observer: 'it asks a quorum what it voted before, and votes after that',
  twin: 'another process votes under its key: find it, then rotate the key; this one votes no more',
  voter: 'it votes',
  waiting: 'no chain has opened: it opens with the first round',
});

export function describeChain({ away, sites, status }: ConsensusView): string {
  const { contradicted, members, quorum, stateRoot } = status;
  const names = members.map((member) => nameOf(member, sites)).join(', ');
  return [
    `collection   ${status.collection}, engine ${status.engine}, epoch ${status.epoch}`,
    `this site    ${status.standing}: ${status.detail || STANDINGS[status.standing]}`,
    `members      ${members.length}: ${names || 'none yet'}; ${quorum} votes decide`,
    `tolerates    ${status.tolerance || 'nothing yet'}`,
    `height       ${status.height}${status.block === null ? '' : `, block ${status.block}`}`,
    `state root   ${stateRoot ?? 'none yet'}`,
    `view         ${status.view}, led by ${status.leader === null ? 'nobody' : nameOf(status.leader, sites)}`,
    `undecided    ${undecidedText({ sites, status })}`,
    ...(away.length === 0 ? [] : [`no channel   to ${namesOf(away, sites)}`]),
    ...(contradicted.length === 0
      ? []
      : [`contradicted ${contradicted.map((member) => nameOf(member, sites)).join(', ')}`]),
  ].join('\n');
}

export function listDecisions({ decisions, sites }: ConsensusView): string {
  if (decisions.length === 0) return 'nothing is decided yet';
  const shown = decisions.slice(-DECISIONS_SHOWN);
  const rows = shown.map((decision) => [
    String(decision.height),
    String(decision.epoch),
    String(decision.view),
    decision.block.slice(0, 16),
    finalityText(decision),
    String(decision.signers.length),
    String(decision.certificateBytes),
    decision.undecidedMs === null ? '–' : String(Math.round(decision.undecidedMs)),
    decision.entries.map(({ summary }) => summary).join('; ') || 'nothing',
  ]);
  const hidden = decisions.length - shown.length;
  const header = ['height', 'epoch', 'view', 'block', 'final by', 'signers', 'bytes', 'ms'];
  return [
    ...(hidden === 0 ? [] : [`${hidden} before these: --format json shows all`]),
    table([...header, 'what'], rows),
    `signers: at the last one ${namesOf(shown.at(-1)?.signers ?? [], sites)}`,
  ].join('\n');
}

export function listEvidence({ evidence, sites }: ConsensusView): string {
  if (evidence.length === 0) return 'no member is known to have contradicted itself';
  const rows = evidence.map(({ epoch, era, id, kind, member, recordedAtMs, view }) => [
    id.slice(0, 16),
    nameOf(member, sites),
    kind,
    String(epoch),
    era === null ? String(view) : `era ${era}`,
    new Date(recordedAtMs).toISOString(),
  ]);
  return table(['evidence', 'who', 'what', 'epoch', 'view', 'recorded'], rows);
}

export function listSettings({ settings, sites }: ConsensusView): string {
  if (settings.length === 0) return 'no setting is proposed or in force';
  const rows = settings.map(({ approvals, height, id, name, status, value }) => [
    id.slice(0, 16),
    name,
    value,
    status,
    height === null ? '–' : String(height),
    status === 'final' ? '' : namesOf(approvals, sites),
  ]);
  return table(['proposal', 'setting', 'value', 'status', 'height', 'agreed'], rows);
}

export function describeEvidence(found: EvidenceView): string {
  const { epoch, era, first, id, kind, member, recordedAtMs, second, site, view } = found;
  return [
    `evidence     ${id}`,
    `who          ${site} (${member})`,
    `what         ${kind} in ${era === null ? `view ${view}` : `era ${era}`} of epoch ${epoch}`,
    `recorded     ${new Date(recordedAtMs).toISOString()}`,
    `first        ${byteCount(first)} bytes, signed`,
    `second       ${byteCount(second)} bytes, signed`,
    'both statements: --format json, or --out <file>; "starling consensus verify <file>" checks it',
  ].join('\n');
}

/** How something became final: by whom it is signed, and how it was chosen. */
export function describeFinality(decision: Omit<Decision, 'entries'>, sites: SiteNames): string {
  const { certificateBytes, height, poll, signers } = decision;
  const chosen =
    poll === null ? '' : `; polled ${poll.rounds} rounds of ${poll.k} before the block`;
  const signed =
    certificateBytes === 0
      ? 'no signature of its own, those of a later block stand for it'
      : `signed by ${namesOf(signers, sites)}, ${certificateBytes} bytes`;
  return `at height ${height} by ${finalityText(decision)}: ${signed}${chosen}`;
}

function undecidedText({ sites, status }: Pick<ConsensusView, 'sites' | 'status'>): string {
  const waiting = Object.entries(status.pool).filter(([, count]) => count > 0);
  const pool = waiting.map(([kind, count]) => `${count} ${kind}`).join(', ');
  if (!status.isUndecided) return pool === '' ? 'nothing' : `nothing yet; in the pool: ${pool}`;
  const { poll } = status;
  const polled =
    poll === null
      ? ''
      : `; polled ${poll.rounds} rounds of ${poll.k}, ${namesOf(poll.asked, sites)} answered`;
  return `${pool || 'a block'}${polled}`;
}

function finalityText({
  finality,
  poll,
  polled,
}: Pick<Decision, 'finality' | 'poll' | 'polled'>): string {
  if (polled !== null) return `${polled.polls} polls of ${polled.k} (${finality})`;
  return poll === null ? finality : `${finality}, polled`;
}

function namesOf(members: Decision['signers'], sites: SiteNames): string {
  return members.map((member) => nameOf(member, sites)).join(', ') || 'nobody';
}

function nameOf(member: Decision['signers'][number], sites: SiteNames): string {
  return sites[member] ?? member.slice(0, 16);
}

function byteCount(base64url: string): number {
  return Buffer.from(base64url, 'base64url').byteLength;
}
