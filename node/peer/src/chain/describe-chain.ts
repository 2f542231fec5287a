// The chain in words and numbers, for status and reports.

import { crashTolerance, faultTolerance, liarsOf } from '@starling/consensus';
import { digestOf } from '@starling/crypto';
import {
  type CborValue,
  type ChainEngine,
  type ChainEntry,
  type Digest,
  encodeCanonical,
  type MemberId,
  shortId,
} from '@starling/shared';
import type { ChainDecision, DecidedEntry } from './chain-status.ts';
import type { Decision } from './decided-chain.ts';

const NUMBERS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

/** What so many members bear: "three members: one crash and no liar". */
function toleranceOf(members: number): string {
  const crashes = counted(crashTolerance(members), 'crash', 'crashes');
  const liars = counted(faultTolerance(members), 'liar', 'liars');
  return `${counted(members, 'member', 'members')}: ${crashes} and ${liars}`;
}

/** What so many members bear under this engine, and what their decisions assume. */
export function assumptionsOf(members: number, engine: ChainEngine): string {
  if (engine.kind === 'simplex') return toleranceOf(members);
  const liars = counted(liarsOf(engine, members), 'liar', 'liars');
  return (
    `${toleranceOf(members)} where certificates decide; polls decide metastably: two sites differ ` +
    `with at most 10^-${engine.targetExponent} per round while rounds keep step, with ${liars}`
  );
}

/** One decision as people read it; `members` are those of its epoch. */
export function describeDecision(
  { certificate, decidedAtMs, poll, polled, read, trailing, undecidedMs }: Decision,
  members: readonly MemberId[],
): ChainDecision {
  const { block, id } = read;
  const { entries, epoch, height, stateRoot, view } = block;
  const proofs = certificate?.proofs ?? [];
  return {
    height,
    epoch,
    view,
    block: id,
    stateRoot,
    decidedAtMs,
    undecidedMs,
    finality: polled === null ? 'certificate' : 'metastable',
    polled,
    poll,
    signers: proofs.flatMap(({ voter }) => members[voter] ?? []),
    certificateBytes:
      certificate === null ? 0 : encodeCanonical(certificate as CborValue).byteLength,
    trailing: trailing.length,
    entries: entries.map(describeEntry),
  };
}

export function describeEntry(entry: ChainEntry): DecidedEntry {
  switch (entry.kind) {
    case 'pattern': {
      const { pattern } = entry.proposal;
      const id = digestOf(encodeCanonical(entry.proposal as CborValue));
      const summary = `pattern ${shortId(id)}: efSearch ${pattern.efSearch} for k ${pattern.k}`;
      return { kind: 'pattern', id, summary };
    }
    case 'model':
      return {
        kind: 'model',
        id: digestOf(entry.certificate.body),
        summary: `model ${entry.model} ${entry.version} on ${entry.baseVersion}`,
      };
    case 'setting': {
      const { name, value } = entry.proposal;
      const id = digestOf(encodeCanonical(entry.proposal));
      return { kind: 'setting', id, summary: `setting ${name} = ${value}` };
    }
    default:
      return { kind: 'membership', id: rosterId(entry.roster), summary: 'new members' };
  }
}

function rosterId(roster: Uint8Array): Digest {
  return digestOf(roster);
}

function counted(count: number, one: string, many: string): string {
  return `${NUMBERS[count] ?? count} ${count === 1 || count === 0 ? one : many}`;
}
