// Two statements of one member that cannot both be honest (5.8). Whoever can open both checks it
// without having seen anything else.

import {
  type ChainVote,
  chainBlock,
  chainOpening,
  chainStall,
  chainVote,
  equalBytes,
  type MessageDefinition,
  type Opened,
  patternAttestation,
  type Refusal,
  refusal,
} from '@starling/shared';

export const EVIDENCE_KINDS = [
  'conflicting-notarize',
  'conflicting-finalize',
  'nullify-finalize',
  'conflicting-attest',
  'conflicting-proposal',
  'conflicting-start',
] as const;
export type EvidenceKind = (typeof EVIDENCE_KINDS)[number];

/** What of an opened statement evidence needs; its signature was verified. */
export type SaidStatement = Pick<
  Opened<unknown>,
  'body' | 'bodyBytes' | 'federation' | 'sender' | 'type'
>;

/** In what way two statements contradict each other; undefined when an honest member may say both. */
export function evidenceKindOf(
  first: SaidStatement,
  second: SaidStatement,
): EvidenceKind | undefined {
  if (first.sender !== second.sender || first.federation !== second.federation) return undefined;
  if (first.type !== second.type) return undefined;
  if (first.type === chainVote.type) return voteKind(first, second);
  if (first.type === chainBlock.type) return proposalKind(first, second, chainBlock);
  if (first.type === chainOpening.type) return proposalKind(first, second, chainOpening);
  if (first.type === chainStall.type) return startKind(first, second);
  return first.type === patternAttestation.type ? attestKind(first, second) : undefined;
}

/** Why two opened statements prove nothing; undefined when they are evidence. */
export function evidenceObjection(
  first: SaidStatement,
  second: SaidStatement,
): Refusal | undefined {
  if (first.sender !== second.sender) {
    return refusal('wrong-shape', `statements of ${first.sender} and ${second.sender}`);
  }
  if (evidenceKindOf(first, second) !== undefined) return undefined;
  return refusal('wrong-shape', `a ${first.type} and a ${second.type} that go together`);
}

function voteKind(first: SaidStatement, second: SaidStatement): EvidenceKind | undefined {
  const a = chainVote.schema.safeParse(first.body);
  const b = chainVote.schema.safeParse(second.body);
  if (!a.success || !b.success || !isSameView(a.data, b.data)) return undefined;
  const kinds = new Set([a.data.kind, b.data.kind]);
  if (kinds.has('nullify') && kinds.has('finalize')) return 'nullify-finalize';
  if (kinds.size > 1 || a.data.block === b.data.block) return undefined;
  return kinds.has('notarize') ? 'conflicting-notarize' : 'conflicting-finalize';
}

function proposalKind(
  first: SaidStatement,
  second: SaidStatement,
  { schema }: MessageDefinition<InView>,
): EvidenceKind | undefined {
  const a = schema.safeParse(first.body);
  const b = schema.safeParse(second.body);
  if (!a.success || !b.success || !isSameView(a.data, b.data)) return undefined;
  return equalBytes(first.bodyBytes, second.bodyBytes) ? undefined : 'conflicting-proposal';
}

function attestKind(first: SaidStatement, second: SaidStatement): EvidenceKind | undefined {
  const a = patternAttestation.schema.safeParse(first.body);
  const b = patternAttestation.schema.safeParse(second.body);
  if (!a.success || !b.success) return undefined;
  const isSame = a.data.collection === b.data.collection && a.data.proposal === b.data.proposal;
  return isSame && a.data.verdict !== b.data.verdict ? 'conflicting-attest' : undefined;
}

/** Two starting votes of one era; to be stuck is said as often as one likes. */
function startKind(first: SaidStatement, second: SaidStatement): EvidenceKind | undefined {
  const a = chainStall.schema.safeParse(first.body);
  const b = chainStall.schema.safeParse(second.body);
  if (!a.success || !b.success || a.data.start === null || b.data.start === null) return undefined;
  const isSame =
    a.data.collection === b.data.collection &&
    a.data.epoch === b.data.epoch &&
    a.data.era === b.data.era;
  if (!isSame || equalBytes(first.bodyBytes, second.bodyBytes)) return undefined;
  return 'conflicting-start';
}

type InView = Pick<ChainVote, 'collection' | 'epoch' | 'view'>;

function isSameView(a: InView, b: InView): boolean {
  return a.collection === b.collection && a.epoch === b.epoch && a.view === b.view;
}
