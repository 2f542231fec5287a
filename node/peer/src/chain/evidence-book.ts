// Contradictions that members signed: kept for good, told to all, shown to whoever asks.

import { evidenceKindOf } from '@starling/consensus';
import { digestOf, domainDigest, readUnproved, type VerificationQueue } from '@starling/crypto';
import type { KeyOf } from '@starling/rules';
import {
  ACCEPT,
  bytesSchema,
  type ChainEvidence,
  type Clock,
  chainBlock,
  chainOpening,
  chainStall,
  chainVote,
  checked,
  type Digest,
  decodeCanonical,
  EVIDENCE_FRAME_BYTES_MAX,
  encodeCanonical,
  type FederationId,
  type MemberId,
  type Opened,
  patternAttestation,
  refusal,
  refused,
  uintSchema,
  type Verdict,
  z,
} from '@starling/shared';
import type { ChainJournal } from './chain-journal.ts';
import type { EvidenceSummary } from './chain-status.ts';

/** Contradictions that are kept of one member: one proves it. */
export const EVIDENCE_PER_MEMBER_MAX = 2;
/** Contradictions that are kept in all. */
export const EVIDENCE_MAX = 128;

const CONTRADICTABLE = [chainVote, chainBlock, chainOpening, chainStall, patternAttestation];

/** Where a statement was made, as far as it says so. */
interface Place {
  readonly epoch?: number;
  readonly era?: number;
  readonly view?: number;
}

const recordSchema = z.strictObject({
  first: bytesSchema,
  recordedAtMs: uintSchema,
  second: bytesSchema,
});

export interface Evidence extends EvidenceSummary {
  readonly first: Uint8Array;
  readonly second: Uint8Array;
}

export interface EvidenceParts {
  readonly federation: FederationId;
  readonly collection: string;
  readonly clock: Clock;
  readonly journal: ChainJournal;
  readonly queue: VerificationQueue;
  readonly keyOf: KeyOf;
  /** Told of each new one. */
  onNew(evidence: Evidence): void;
}

export class EvidenceBook {
  readonly #parts: EvidenceParts;
  readonly #kept = new Map<Digest, Evidence>();

  constructor(parts: EvidenceParts) {
    this.#parts = parts;
  }

  get all(): readonly Evidence[] {
    return [...this.#kept.values()];
  }

  /** Members that contradicted themselves. */
  get guilty(): ReadonlySet<MemberId> {
    return new Set([...this.#kept.values()].map(({ member }) => member));
  }

  /** Takes back what the journal holds; it was verified before it was written. */
  restore(value: Uint8Array): void {
    const decoded = decodeCanonical(value, 4 * EVIDENCE_FRAME_BYTES_MAX);
    const record = decoded.ok ? recordSchema.safeParse(decoded.value).data : undefined;
    if (record === undefined) return;
    const read = this.#read(record.first, record.second);
    if (read.ok) this.#kept.set(read.value.id, { ...read.value, ...record });
  }

  /** Verifies two frames and keeps them when they contradict each other. */
  async take(first: Uint8Array, second: Uint8Array): Promise<Verdict> {
    const read = this.#read(first, second);
    if (!read.ok) return read.refusal;
    const { claims, id, member } = read.value;
    if (this.#kept.has(id)) return refusal('duplicate', 'this contradiction is known');
    const ofMember = this.all.filter((each) => each.member === member);
    if (ofMember.length >= EVIDENCE_PER_MEMBER_MAX || this.#kept.size >= EVIDENCE_MAX) {
      return refusal('duplicate', `${ofMember.length} contradictions of ${member} are known`);
    }
    const answer = await this.#parts.queue.checkAll(claims);
    if (answer === 'busy') return refusal('busy', 'too many signatures wait to be verified');
    if (answer === 'false') return refusal('bad-signature', 'a frame in the evidence');
    if (this.#kept.has(id)) return refusal('duplicate', 'this contradiction is known');
    const recordedAtMs = this.#parts.clock.nowMs();
    const evidence: Evidence = { ...read.value, first, recordedAtMs, second };
    this.#kept.set(id, evidence);
    const value = encodeCanonical({ first, recordedAtMs, second });
    await this.#parts.journal.write([{ kind: 'evidence', name: [id], value }]);
    this.#parts.onNew(evidence);
    return ACCEPT;
  }

  /** What is gossiped of a contradiction; undefined when its frames are too long for that. */
  bodyOf({ first, second }: Evidence): ChainEvidence | undefined {
    const longest = Math.max(first.byteLength, second.byteLength);
    if (longest > EVIDENCE_FRAME_BYTES_MAX) return undefined;
    return { collection: this.#parts.collection, first, second };
  }

  #read(first: Uint8Array, second: Uint8Array) {
    const a = this.#open(first);
    if (!a.ok) return a;
    const b = this.#open(second);
    if (!b.ok) return b;
    const kind = evidenceKindOf(a.value.claimed, b.value.claimed);
    if (kind === undefined) return refused('wrong-shape', 'the two frames go together');
    const bodies = [a.value, b.value].map(({ claimed }) => claimed.bodyBytes);
    const sorted = bodies.sort((x, y) => (digestOf(x) < digestOf(y) ? -1 : 1));
    const { body, sender: member } = a.value.claimed as Opened<Place>;
    return checked({
      id: domainDigest('starling/chain-evidence/v1', new TextEncoder().encode(member), ...sorted),
      claims: [a.value.claim, b.value.claim],
      epoch: body.epoch ?? 0,
      era: body.era ?? null,
      kind,
      member,
      view: body.view ?? 0,
    });
  }

  #open(frame: Uint8Array) {
    const { federation, keyOf } = this.#parts;
    return readUnproved(frame, CONTRADICTABLE, { federation, nowMs: 0, keyOf });
  }
}
