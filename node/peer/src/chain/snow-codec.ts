// Stall statements and openings of the engine snow as the wire carries them, and back.

import {
  type BlockHeader,
  type CastStart,
  type DecidedOpening,
  type Finality,
  type OpeningBlock,
  periodOf,
  type StallStatement,
  type StartingVote,
} from '@starling/consensus';
import {
  decodeAs,
  digestOf,
  type SignatureClaim,
  statementClaim,
  statementFrame,
} from '@starling/crypto';
import {
  type ChainCertificate,
  type ChainOpeningBody,
  type ChainStall,
  type Checked,
  chainOpening,
  chainStall,
  checked,
  type Digest,
  encodeCanonical,
  type MemberId,
  type OpenedEra,
  refused,
  type WireStartingVote,
} from '@starling/shared';
import {
  certificateClaims,
  certificateOf,
  type EpochTerms,
  wireCertificate,
} from './chain-codec.ts';
import type { PolledFinality } from './chain-status.ts';

const DIGEST_BYTES = 32;

export function stallBody(
  { collection, epoch }: EpochTerms,
  { era, start }: StallStatement,
): ChainStall {
  return { collection, epoch, era, start: start === undefined ? null : wireStart(start) };
}

export function statementOf({ era, start }: Pick<ChainStall, 'era' | 'start'>): StallStatement {
  return { era, start: start === null ? undefined : startOf(start) };
}

/** The very frame that the member published, from its parts. */
export function stallFrame(
  terms: EpochTerms,
  sender: MemberId,
  statement: StallStatement,
  signature: Uint8Array,
): Uint8Array {
  const bodyBytes = encodeCanonical(stallBody(terms, statement));
  const { federation } = terms;
  return statementFrame(chainStall, { federation, sender, bodyBytes, signature });
}

/** The body of an opening, whose digest is its name. */
export function openingBytes(
  terms: EpochTerms,
  { header, starts }: OpeningBlock<Uint8Array>,
): Uint8Array {
  return encodeCanonical(openingBody(terms, header, starts));
}

export function openingBody(
  { collection, epoch, membership }: EpochTerms,
  { height, leader, parent, parentView, view }: Omit<BlockHeader, 'id'>,
  starts: readonly CastStart<Uint8Array>[],
): ChainOpeningBody {
  const member = membership.members[leader];
  if (member === undefined) throw new RangeError(`leader ${leader} is no member`);
  const stated = starts.map(({ proof, statement, voter }) => {
    return { signature: proof, start: wireStart(statement.start), voter };
  });
  const place = { collection, epoch, height, leader: member.member, parent, parentView, view };
  return { ...place, starts: stated };
}

export function readOpening(
  body: Uint8Array,
  { collection, epoch, membership }: EpochTerms,
): Checked<OpeningBlock<Uint8Array>> {
  const decoded = decodeAs(body, chainOpening.schema, chainOpening.type, chainOpening.bodyBytesMax);
  if (!decoded.ok) return decoded;
  const { height, parent, parentView, starts, view } = decoded.value;
  if (decoded.value.collection !== collection || decoded.value.epoch !== epoch) {
    return refused('stale-epoch', `an opening of epoch ${decoded.value.epoch}`);
  }
  const leader = membership.places.get(decoded.value.leader);
  if (leader === undefined) return refused('unknown-sender', `${decoded.value.leader} leads it`);
  const era = periodOf(view).era - 1;
  const header = { height, id: digestOf(body), leader, parent, parentView, view };
  const cast = starts.map(({ signature, start, voter }): CastStart<Uint8Array> => {
    return { proof: signature, statement: { era, start: startOf(start) }, voter };
  });
  return checked({ header, starts: cast });
}

/** Every signature inside openings; refused when a voter is no member. */
export function openingClaims(
  terms: EpochTerms,
  openings: readonly OpeningBlock<Uint8Array>[],
): Checked<readonly SignatureClaim[]> {
  const claims: SignatureClaim[] = [];
  for (const { proof, statement, voter } of openings.flatMap(({ starts }) => starts)) {
    const member = terms.membership.members[voter];
    if (member === undefined) return refused('unknown-sender', `voter ${voter} is no member`);
    if (statement.era < 0 || statement.era % 2 !== 0) return refused('wrong-shape', 'no odd era');
    const bodyBytes = encodeCanonical(stallBody(terms, statement));
    const { federation } = terms;
    const { member: sender, publicKey } = member;
    const parts = { federation, sender, publicKey, bodyBytes, signature: proof };
    claims.push(statementClaim(chainStall, parts));
  }
  return checked(claims);
}

export function wireOpened(
  terms: EpochTerms,
  { blocks, certificate }: DecidedOpening<Uint8Array>,
): OpenedEra {
  const openings = blocks.map((block) => openingBytes(terms, block));
  return { certificate: wireCertificate(terms, certificate), openings };
}

/** An era's opening and every signature in it, none verified. */
export function readOpened(
  { certificate, openings }: OpenedEra,
  terms: EpochTerms,
): Checked<{
  readonly claims: readonly SignatureClaim[];
  readonly opening: DecidedOpening<Uint8Array>;
}> {
  const blocks: OpeningBlock<Uint8Array>[] = [];
  for (const body of openings) {
    const read = readOpening(body, terms);
    if (!read.ok) return read;
    blocks.push(read.value);
  }
  const votes = certificateClaims(terms, certificate);
  if (!votes.ok) return votes;
  const starts = openingClaims(terms, blocks);
  if (!starts.ok) return starts;
  const opening = { blocks, certificate: certificateOf(certificate) };
  return checked({ claims: [...votes.value, ...starts.value], opening });
}

/** How blocks became final: the polls, or the certificate. */
export function finalityOf(
  finality: Finality<Uint8Array>,
  terms: EpochTerms,
): { readonly polled: PolledFinality | null; readonly wire: ChainCertificate | null } {
  if (finality.kind === 'certificate') {
    return { polled: null, wire: wireCertificate(terms, finality.certificate) };
  }
  const { k, polls } = finality;
  return { polled: { k, polls }, wire: null };
}

function wireStart({ decidedHeight, fromHeight, ids }: StartingVote): WireStartingVote {
  const chain = new Uint8Array(ids.length * DIGEST_BYTES);
  for (const [i, id] of ids.entries()) chain.set(bytesOf(id), i * DIGEST_BYTES);
  return { chain, decidedHeight, fromHeight };
}

function startOf({ chain, decidedHeight, fromHeight }: WireStartingVote): StartingVote {
  const ids = Array.from({ length: chain.byteLength / DIGEST_BYTES }, (_, i) =>
    digestIn(chain.subarray(i * DIGEST_BYTES, (i + 1) * DIGEST_BYTES)),
  );
  return { decidedHeight, fromHeight, ids };
}

function bytesOf(id: Digest): Uint8Array {
  return Uint8Array.from({ length: DIGEST_BYTES }, (_, i) =>
    Number.parseInt(id.slice(2 * i, 2 * i + 2), 16),
  );
}

function digestIn(bytes: Uint8Array): Digest {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('') as Digest;
}
