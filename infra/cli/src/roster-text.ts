// Rosters as people read them.

import type { RosterView } from '@starling/runtime';
import { table } from './output.ts';

type Signed = NonNullable<RosterView['roster']>;

/** Members first, then who was taken out, then what waits. */
export function listRoster(view: RosterView): string {
  const { roster } = view;
  if (roster === null) return ['no roster is in force yet', ...proposalLines(view)].join('\n');
  const members = [...roster.members].sort((a, b) => (a.site < b.site ? -1 : 1));
  const rows = members.map((entry) => [
    entry.site,
    entry.role,
    entry.status,
    date(entry.sinceMs),
    entry.member.slice(0, 16),
    entry.transportId,
  ]);
  return [
    table(['site', 'role', 'status', 'since', 'member', 'peer id'], rows),
    ...revokedLines(roster),
    ...proposalLines(view),
  ].join('\n');
}

/** Number, chain, signers and end of the roster in force. */
export function describeRoster(view: RosterView): string {
  const { administrators, federation, name, roster, threshold } = view;
  const head = [
    `federation   "${name}" (${federation})`,
    `signed by    ${threshold} of ${administrators.length} administrators`,
    ...administrators.map((member) => `             ${member}`),
  ];
  if (roster === null)
    return [...head, 'no roster is in force yet', ...proposalLines(view)].join('\n');
  const { digest, epoch, notAfterMs, previous, seq, signers } = roster;
  const state = notAfterMs <= Date.now() ? 'EXPIRED: no round is started' : 'good';
  return [
    ...head,
    `roster       ${seq}, epoch ${epoch}, ${roster.members.length} members, ${roster.revoked.length} revoked`,
    `digest       ${digest}`,
    `follows      ${previous ?? 'none'}`,
    `until        ${date(notAfterMs)} (${state})`,
    `signers      ${signers.map((member) => member.slice(0, 16)).join(', ')}`,
    ...proposalLines(view),
  ].join('\n');
}

function revokedLines({ revoked }: Signed): string[] {
  if (revoked.length === 0) return [];
  const rows = revoked.map(({ fromSeq, member, reason, site }) => {
    return [site, member.slice(0, 16), String(fromSeq), reason];
  });
  return ['', table(['revoked', 'member', 'from roster', 'reason'], rows)];
}

function proposalLines({ proposal, threshold }: RosterView): string[] {
  if (proposal === null) return [];
  const { changes, seq, signers } = proposal;
  const lines = changes.map(({ detail, kind, site }) => `  ${kind.padEnd(8)} ${site}: ${detail}`);
  const count = `${signers.length} of ${threshold} administrators have signed`;
  return ['', `roster ${seq} is proposed, ${count}`, ...lines];
}

function date(atMs: number): string {
  return new Date(atMs).toISOString();
}
