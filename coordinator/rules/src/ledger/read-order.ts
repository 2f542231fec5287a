// An owner's order, from its frame.

import { digestOf } from '@starling/crypto';
import type { LedgerStake, LedgerTransfer, Opened } from '@starling/shared';
import { ledgerStake, ledgerTransfer } from '@starling/shared';
import { readFrame } from '../read-frame.ts';
import type { LedgerOrder } from './check-order.ts';

export const ORDER_MESSAGES = [ledgerTransfer, ledgerStake] as const;

/** The order in a message that was opened as one of {@link ORDER_MESSAGES}. */
export function orderOf({ body, bodyBytes, sender, type }: Opened<unknown>): LedgerOrder {
  const digest = digestOf(bodyBytes);
  return type === ledgerTransfer.type
    ? { kind: 'transfer', owner: sender, digest, body: body as LedgerTransfer }
    : { kind: 'stake', owner: sender, digest, body: body as LedgerStake };
}

/** Reads a recorded transfer. @throws {RulesError} `corrupt-log` */
export function readTransfer(frame: Uint8Array): LedgerOrder {
  const { body, bodyDigest: digest, sender: owner } = readFrame(frame, ledgerTransfer);
  return { kind: 'transfer', owner, digest, body };
}

/** Reads a recorded stake. @throws {RulesError} `corrupt-log` */
export function readStake(frame: Uint8Array): LedgerOrder {
  const { body, bodyDigest: digest, sender: owner } = readFrame(frame, ledgerStake);
  return { kind: 'stake', owner, digest, body };
}
