// What the journal holds of an epoch's undecided views: own votes, certificates, blocks voted for.

import { type ReadBlock, readBlock } from '@starling/rules';
import {
  type ChainCertificate,
  chainCertificateSchema,
  decodeCanonical,
  RECORD_BYTES_MAX,
} from '@starling/shared';
import type { ChainJournal } from './chain-journal.ts';
import { type Ballot, ballotIn } from './vote-caster.ts';

export interface EpochRecords {
  readonly ballots: readonly Ballot[];
  readonly blocks: readonly ReadBlock[];
  readonly certificates: readonly ChainCertificate[];
}

/** Everything of views above a decided one. What cannot be read any more is left out. */
export async function readEpoch(
  journal: ChainJournal,
  epoch: number,
  aboveView: number,
): Promise<EpochRecords> {
  const ballots: Ballot[] = [];
  const blocks: ReadBlock[] = [];
  const certificates: ChainCertificate[] = [];
  for await (const { kind, name, value } of journal.entries(['vote', 'candidate', 'certificate'])) {
    const [ofEpoch, ofView] = name.map(Number);
    if (ofEpoch !== epoch || (ofView ?? 0) <= aboveView) continue;
    if (kind === 'vote') ballots.push(ballotIn(value));
    else if (kind === 'candidate') {
      const read = readBlock(value);
      if (read.ok) blocks.push(read.value);
    } else {
      const decoded = decodeCanonical(value, RECORD_BYTES_MAX);
      const certificate = decoded.ok
        ? chainCertificateSchema.safeParse(decoded.value).data
        : undefined;
      if (certificate !== undefined) certificates.push(certificate);
    }
  }
  return { ballots, blocks: blocks.sort(byView), certificates };
}

function byView(a: ReadBlock, b: ReadBlock): number {
  return a.block.view - b.block.view;
}
