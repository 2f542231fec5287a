// A setting that all members of a collection share, such as its topology: who proposes a value, and
// who agrees.

import { z } from 'zod';
import { digestSchema, memberIdSchema } from '../../ids.ts';
import { uintSchema } from '../../numbers.ts';
import { defineMessage } from '../message-definition.ts';
import { collectionSchema } from './names.ts';

/** UTF-16 units of a setting's value. */
export const SETTING_VALUE_MAX = 256;

export const settingProposalSchema = z.strictObject({
  /** Who signs this. */
  author: memberIdSchema,
  /** Number of the value that it replaces; 0 when there is none. */
  base: uintSchema,
  collection: collectionSchema,
  name: z.string().regex(/^[a-z][a-z0-9.-]{0,62}$/),
  value: z.string().max(SETTING_VALUE_MAX),
});
export type SettingProposal = z.infer<typeof settingProposalSchema>;

export const settingProposal = defineMessage<SettingProposal>({
  type: 'setting-proposal',
  form: 'statement',
  topic: 'consensus',
  sender: 'peer',
  bodyBytesMax: 2048,
  lifetimeMs: 0,
  schema: settingProposalSchema,
});

export const settingApprovalSchema = z.strictObject({
  collection: collectionSchema,
  /** Body digest of the proposal. */
  proposal: digestSchema,
});
export type SettingApproval = z.infer<typeof settingApprovalSchema>;

export const settingApproval = defineMessage<SettingApproval>({
  type: 'setting-approval',
  form: 'statement',
  topic: 'consensus',
  sender: 'peer',
  bodyBytesMax: 512,
  lifetimeMs: 0,
  schema: settingApprovalSchema,
});
