// What a simulated node wrote down: it survives a crash.

import type { Digest } from '@starling/shared';
import { type BlockHeader, blockOf, type SimplexVote, sameVote } from '../../simplex/vote.ts';
import type { Certificate, CertificateQuery } from './message.ts';

export interface Decision {
  readonly block: Digest;
  readonly height: number;
  readonly atMs: number;
  readonly finality: 'certificate' | 'metastable';
}

export class NodeStore {
  readonly journal: SimplexVote[] = [];
  readonly decisions: Decision[] = [];
  readonly #blocks = new Map<Digest, BlockHeader>();
  readonly #certificates = new Map<number, Certificate[]>();
  #decided: BlockHeader;
  #finalization: Certificate | undefined;

  constructor(root: BlockHeader) {
    this.#decided = root;
  }

  get decided(): BlockHeader {
    return this.#decided;
  }

  /** The certificate of the last decision. */
  get finalization(): Certificate | undefined {
    return this.#finalization;
  }

  isWritten(vote: SimplexVote): boolean {
    return this.journal.some((written) => sameVote(written, vote));
  }

  blocks(): IterableIterator<BlockHeader> {
    return this.#blocks.values();
  }

  blockOf(id: Digest): BlockHeader | undefined {
    return this.#blocks.get(id);
  }

  keepBlock(block: BlockHeader): void {
    this.#blocks.set(block.id, block);
  }

  *certificates(): Generator<Certificate> {
    for (const ofView of this.#certificates.values()) yield* ofView;
  }

  keepCertificate(certificate: Certificate): void {
    const { view } = certificate.vote;
    const known = this.#certificates.get(view) ?? [];
    if (!known.some(({ vote }) => sameVote(vote, certificate.vote))) known.push(certificate);
    this.#certificates.set(view, known);
  }

  /** Without a certificate they were decided by polls. */
  decide(blocks: readonly Digest[], certificate: Certificate | undefined, atMs: number): void {
    const finality = certificate === undefined ? 'metastable' : 'certificate';
    for (const block of blocks) {
      const header = this.#blocks.get(block);
      if (header === undefined) continue;
      this.#decided = header;
      this.decisions.push({ block, height: header.height, atMs, finality });
    }
    this.#finalization = certificate ?? this.#finalization;
  }

  /** Certificates for one that asks: the one it wants, and the last decision when that is later. */
  answer({ view, want }: CertificateQuery): Certificate[] {
    const known = this.#certificates.get(view) ?? [];
    const found = known.find(({ vote }) => {
      const isNullification = blockOf(vote) === undefined;
      return want === 'any' || isNullification === (want === 'nullification');
    });
    const answer = found === undefined ? [] : [found];
    const last = this.#finalization;
    if (last !== undefined && last.vote.view >= view && last !== found) answer.push(last);
    return answer;
  }
}
