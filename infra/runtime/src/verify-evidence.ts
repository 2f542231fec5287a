// Evidence as anyone checks it, with nothing but the file: two statements that one key signed, which
// no honest member signs both.

import { readFile } from 'node:fs/promises';
import { evidenceKindOf } from '@starling/consensus';
import { memberIdOf, openMessage } from '@starling/crypto';
import {
  type ChainBlock,
  type ChainOpeningBody,
  type ChainStall,
  type ChainVote,
  type Checked,
  chainBlock,
  chainOpening,
  chainStall,
  chainVote,
  checked,
  federationIdSchema,
  memberIdSchema,
  type PatternAttestation,
  patternAttestation,
  refused,
  z,
} from '@starling/shared';
import { RuntimeError } from './runtime-error.ts';

const BASE64URL_CHARS_MAX = 1_000_000;
const bytesText = z.base64url().max(BASE64URL_CHARS_MAX);

const evidenceSchema = z.object({
  federation: federationIdSchema,
  first: bytesText,
  member: memberIdSchema,
  publicKey: bytesText,
  second: bytesText,
});
type EvidenceFile = z.infer<typeof evidenceSchema>;

export interface EvidenceCheck {
  readonly holds: boolean;
  /** What the two statements say, or what is wrong with them. */
  readonly detail: string;
}

const STATEMENTS = [chainBlock, chainOpening, chainStall, chainVote, patternAttestation];

type Statement = ChainBlock | ChainOpeningBody | ChainStall | ChainVote | PatternAttestation;

/** @throws {RuntimeError} `invalid-option` when the file is none, or no evidence */
export async function verifyEvidenceFile(path: string): Promise<EvidenceCheck> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new RuntimeError('invalid-option', `${path} cannot be read`, { cause });
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new RuntimeError('invalid-option', `${path} is no JSON`, { cause });
  }
  const parsed = evidenceSchema.safeParse(value);
  if (!parsed.success) {
    const where = parsed.error.issues[0]?.path.join('.') || 'the whole';
    throw new RuntimeError('invalid-option', `${path} is no evidence: ${where} is missing or odd`);
  }
  const found = checkEvidence(parsed.data);
  return found.ok
    ? { holds: true, detail: found.value }
    : { holds: false, detail: `${found.refusal.reason}: ${found.refusal.detail}` };
}

/** What the member did, in words. */
function checkEvidence(evidence: EvidenceFile): Checked<string> {
  const { federation, member } = evidence;
  const publicKey = bytesOf(evidence.publicKey);
  if (memberIdOf(publicKey) !== member) {
    return refused('unknown-sender', `the key is not that of ${member}`);
  }
  const keyOf = (sender: string) => (sender === member ? publicKey : undefined);
  const options = { federation, keyOf, nowMs: 0 };
  const first = openMessage(bytesOf(evidence.first), STATEMENTS, options);
  if (!first.ok) return first;
  const second = openMessage(bytesOf(evidence.second), STATEMENTS, options);
  if (!second.ok) return second;
  const kind = evidenceKindOf(first.value, second.value);
  if (kind === undefined) {
    return refused('wrong-shape', 'both statements are signed, and do not contradict each other');
  }
  return checked(`${member} signed both (${kind}) ${whereOf(first.value.body)}`);
}

/** What two statements have in common is said in the first of them. */
function whereOf(body: Statement): string {
  if ('view' in body) return `in view ${body.view} of epoch ${body.epoch}`;
  if ('era' in body) return `in era ${body.era} of epoch ${body.epoch}`;
  return `about the pattern ${body.proposal.slice(0, 16)}`;
}

function bytesOf(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64url'));
}
