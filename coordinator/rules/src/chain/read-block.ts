// A block with what follows from its bytes.

import { decodeAs, digestOf } from '@starling/crypto';
import {
  type CborValue,
  type ChainBlock,
  type Checked,
  chainBlock,
  checked,
  type Digest,
  encodeCanonical,
} from '@starling/shared';

export interface ReadBlock {
  readonly body: Uint8Array;
  readonly block: ChainBlock;
  readonly id: Digest;
}

export function readBlock(body: Uint8Array): Checked<ReadBlock> {
  const decoded = decodeAs(body, chainBlock.schema, chainBlock.type, chainBlock.bodyBytesMax);
  if (!decoded.ok) return decoded;
  return checked({ body, block: decoded.value, id: digestOf(body) });
}

export function encodeBlock(block: ChainBlock): ReadBlock {
  const body = encodeCanonical(block as CborValue);
  return { body, block, id: digestOf(body) };
}

/** Those blocks of a decided run that are their epoch's; what follows its end only helped to decide it. */
export function ofOneEpoch(blocks: readonly ReadBlock[]): readonly ReadBlock[] {
  const end = blocks.findIndex(({ block }) => block.entries.at(-1)?.kind === 'membership');
  return end < 0 ? blocks : blocks.slice(0, end + 1);
}
