import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createIdentity, digestOf, generateSeed, sealMessage } from '@starling/crypto';
import {
  type ChainStall,
  type ChainVote,
  chainStall,
  chainVote,
  type FederationId,
  type PatternAttestation,
  patternAttestation,
} from '@starling/shared';
import test, { type ExecutionContext } from 'ava';
import { RuntimeError } from './runtime-error.ts';
import { verifyEvidenceFile } from './verify-evidence.ts';

const FEDERATION = digestOf(Uint8Array.of(1)) as string as FederationId;
const LIAR = createIdentity(generateSeed());
const OTHER = createIdentity(generateSeed());

function vote(changes: Partial<ChainVote> = {}, identity = LIAR): string {
  const block = digestOf(Uint8Array.of(2));
  const usual = { block, collection: 'documents', epoch: 1, kind: 'notarize', view: 7 } as const;
  const body: ChainVote = { ...usual, ...changes };
  return text(sealMessage(identity, chainVote, { federation: FEDERATION, body }));
}

function attestation(verdict: PatternAttestation['verdict']): string {
  const body: PatternAttestation = {
    collection: 'documents',
    costRatioMicros: 1_000_000,
    proposal: digestOf(Uint8Array.of(3)),
    queries: 60,
    recallBoundMicros: 900_000,
    recallMicros: 950_000,
    verdict,
  };
  return text(sealMessage(LIAR, patternAttestation, { federation: FEDERATION, body }));
}

function startingVote(last: number, changes: Partial<ChainStall> = {}): string {
  const start = { chain: new Uint8Array(32).fill(last), decidedHeight: 3, fromHeight: 3 };
  const body: ChainStall = { collection: 'documents', epoch: 1, era: 2, start, ...changes };
  return text(sealMessage(LIAR, chainStall, { federation: FEDERATION, body }));
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');

function verify(t: ExecutionContext, first: string, second: string, changes: object = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'starling-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'evidence.json');
  const { member, publicKey } = LIAR;
  const whole = { federation: FEDERATION, first, member, publicKey: text(publicKey), second };
  writeFileSync(file, JSON.stringify({ ...whole, ...changes }));
  return verifyEvidenceFile(file);
}

const nullify = { block: null, kind: 'nullify' } as const;
const another = { block: digestOf(Uint8Array.of(9)) };

test('two votes that no honest member signs both are evidence', async (t) => {
  const { detail, holds } = await verify(t, vote(), vote(another));
  t.true(holds);
  t.regex(detail, /signed both \(conflicting-notarize\) in view 7 of epoch 1/);
  t.true((await verify(t, vote({ kind: 'finalize' }), vote(nullify))).holds);
  t.true((await verify(t, attestation('accept'), attestation('abstain'))).holds);
});

test('two starting votes of one era are evidence', async (t) => {
  const { detail, holds } = await verify(t, startingVote(1), startingVote(2));
  t.true(holds);
  t.regex(detail, /signed both \(conflicting-start\) in era 2 of epoch 1/);
});

test('votes that an honest member may sign both are none', async (t) => {
  const pairs: readonly (readonly [string, string])[] = [
    [vote(), vote()],
    [vote(), vote({ kind: 'finalize' })],
    [vote(), vote(nullify)],
    [vote(), vote({ ...another, view: 8 })],
    [vote(), vote({ ...another, epoch: 2 })],
    [vote(), vote({ ...another, collection: 'images' })],
    [vote(), attestation('accept')],
    [startingVote(1), startingVote(2, { era: 4 })],
    [startingVote(1), startingVote(2, { start: null })],
  ];
  for (const [first, second] of pairs) {
    const { detail, holds } = await verify(t, first, second);
    t.false(holds);
    t.regex(detail, /do not contradict each other/);
  }
});

test("another member's statement, another key and another federation are no evidence", async (t) => {
  const byOther = await verify(t, vote(), vote(another, OTHER));
  t.regex(byOther.detail, /^unknown-sender/);
  const key = await verify(t, vote(), vote(another), { publicKey: text(OTHER.publicKey) });
  t.regex(key.detail, /^unknown-sender/);
  const elsewhere = await verify(t, vote(), vote(another), { federation: LIAR.member });
  t.regex(elsewhere.detail, /^wrong-federation/);
  const forged = vote(another).replace(/.{8}$/, 'AAAAAAAA');
  t.false((await verify(t, vote(), forged)).holds);
  t.false((await verify(t, vote(), 'AAAA')).holds);
});

test('a file that is no evidence is refused by its name', async (t) => {
  const refuse = { instanceOf: RuntimeError, code: 'invalid-option' } as const;
  await t.throwsAsync(() => verifyEvidenceFile('/nowhere/evidence.json'), refuse);
  await t.throwsAsync(() => verify(t, 'not base64 !', vote()), {
    ...refuse,
    message: /is no evidence: first/,
  });
});
