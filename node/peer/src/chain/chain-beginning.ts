// The chain's first statement, as this site accepted it: one for ever, whatever the coordinator
// signs later.

import { digestOf } from '@starling/crypto';
import { DOCUMENTS, readFrame } from '@starling/rules';
import {
  ACCEPT,
  type ChainGenesis,
  chainGenesis,
  type Digest,
  type Opened,
  type PeerStore,
  refusal,
  type Verdict,
} from '@starling/shared';
import { ChainJournal } from './chain-journal.ts';

export interface KnownBeginning {
  readonly body: ChainGenesis;
  /** Names the chain. */
  readonly bodyDigest: Digest;
  readonly frame: Uint8Array;
}

export class ChainBeginning {
  readonly journal: ChainJournal;
  #known: KnownBeginning | undefined;

  private constructor(journal: ChainJournal, known: KnownBeginning | undefined) {
    this.journal = journal;
    this.#known = known;
  }

  static async open(store: PeerStore): Promise<ChainBeginning> {
    const journal = new ChainJournal(store, DOCUMENTS);
    const frame = await journal.get('genesis');
    return new ChainBeginning(journal, frame === undefined ? undefined : known(frame));
  }

  get known(): KnownBeginning | undefined {
    return this.#known;
  }

  /** Takes a statement that the coordinator signed. */
  async take(message: Opened<ChainGenesis>, frame: Uint8Array): Promise<Verdict> {
    const { collection } = message.body;
    if (collection !== DOCUMENTS) {
      return refusal('not-permitted', `this site has no collection "${collection}"`);
    }
    const standing = this.#known ?? known(await this.journal.putIfAbsent('genesis', [], frame));
    if (standing.bodyDigest !== digestOf(message.bodyBytes)) {
      return refusal('equivocation', 'another beginning of the chain was accepted before');
    }
    this.#known = standing;
    return ACCEPT;
  }
}

function known(frame: Uint8Array): KnownBeginning {
  const { body, bodyDigest } = readFrame(frame, chainGenesis);
  return { body, bodyDigest, frame };
}
