// What a server app asks of a node's client app; the answer is a RecordDict.

import type { RecordDict } from './records.ts';

export const APP_MESSAGE_KINDS = ['train', 'evaluate', 'query'] as const;

export type AppMessageKind = (typeof APP_MESSAGE_KINDS)[number];

export interface AppMessage {
  readonly kind: AppMessageKind;
  readonly runId: string;
  /** From 1. */
  readonly round: number;
  readonly node: string;
  readonly content: RecordDict;
}
