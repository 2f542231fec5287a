// What counts with the signatures of enough administrators over one body: rosters and rule sets.
// Whoever knows the genesis checks it without trusting the one who carries it.

import { type CertificateRefusal, verifyCertificate } from '@starling/consensus';
import {
  decodeAs,
  digestOf,
  type Identity,
  signStatement,
  verifyStatement,
} from '@starling/crypto';
import type {
  Checked,
  Digest,
  FederationId,
  Genesis,
  MemberId,
  MessageDefinition,
  RefusalReason,
} from '@starling/shared';
import {
  ADMINISTRATORS_MAX,
  bytesSchema,
  checked,
  encodeCanonical,
  memberIdSchema,
  refused,
  signedRosterSchema,
  z,
} from '@starling/shared';

/** What signatures of administrators are checked against. */
export interface AdministratorTrust {
  readonly federation: FederationId;
  readonly genesis: Genesis;
}

export interface OpenedForm<T> {
  readonly body: T;
  readonly bodyBytes: Uint8Array;
  /** Names it in what follows it. */
  readonly bodyDigest: Digest;
  readonly signers: readonly MemberId[];
}

/** What kind of statement it is: its message, its name for people, its size with signatures. */
export interface FormKind<T> {
  readonly message: MessageDefinition<T>;
  readonly name: string;
  readonly bytesMax: number;
}

/**
 * Opens a signed form: canonical, well-formed body, signatures of `threshold` different
 * administrators of the genesis. Never throws.
 */
export function openForm<T>(
  bytes: Uint8Array,
  kind: FormKind<T>,
  trust: AdministratorTrust,
): Checked<OpenedForm<T>> {
  const form = decodeForm(bytes, kind);
  if (!form.ok) return form;
  const { administrators, threshold } = trust.genesis;
  const keys = new Map(administrators.map(({ member, publicKey }) => [member, publicKey]));
  const { federation } = trust;
  const verdict = verifyCertificate(form.value.signed, {
    voters: [...keys.keys()],
    quorum: threshold,
    verify: (sender, bodyBytes, signature) => {
      const publicKey = keys.get(sender);
      if (publicKey === undefined) return false;
      return verifyStatement(kind.message, { federation, sender, publicKey, bodyBytes, signature });
    },
  });
  if (verdict.ok) return checked(form.value.opened);
  return refused(REASONS[verdict.reason], says(verdict.reason, kind.name, threshold));
}

/** Opens a form whose signatures were verified before. Never throws. */
export function readForm<T>(bytes: Uint8Array, kind: FormKind<T>): Checked<OpenedForm<T>> {
  const form = decodeForm(bytes, kind);
  return form.ok ? checked(form.value.opened) : form;
}

/** Signatures that a request gathers on its way from administrator to administrator. */
export const signaturesSchema = z
  .array(z.strictObject({ member: memberIdSchema, signature: bytesSchema }))
  .max(ADMINISTRATORS_MAX);

export type GatheredSignatures = z.infer<typeof signaturesSchema>;

/** True when an administrator of the genesis signed this body. */
export function isSignedBy(
  message: MessageDefinition<unknown>,
  { federation, genesis }: AdministratorTrust,
  bodyBytes: Uint8Array,
  { member: sender, signature }: GatheredSignatures[number],
): boolean {
  const holder = genesis.administrators.find(({ member }) => member === sender);
  if (holder === undefined) return false;
  const { publicKey } = holder;
  return verifyStatement(message, { federation, sender, publicKey, bodyBytes, signature });
}

/** The signatures with one more. @throws {TypeError} when the identity is no administrator */
export function withSignatureOf<T>(
  identity: Identity,
  message: MessageDefinition<T>,
  { federation, genesis }: AdministratorTrust,
  { body, signatures }: { readonly body: Uint8Array; readonly signatures: GatheredSignatures },
): GatheredSignatures {
  if (!genesis.administrators.some(({ member }) => member === identity.member)) {
    throw new TypeError(`${identity.member} is no administrator of this federation`);
  }
  const signature = signStatement(identity, message, federation, body);
  const others = signatures.filter(({ member }) => member !== identity.member);
  return [...others, { member: identity.member, signature }];
}

/** The form in which such a statement travels. */
export function encodeForm(
  body: Uint8Array,
  signatures: ReadonlyMap<MemberId, Uint8Array>,
): Uint8Array {
  const sorted = [...signatures]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([member, signature]) => ({ member, signature }));
  return encodeCanonical({ body, signatures: sorted });
}

function decodeForm<T>(bytes: Uint8Array, { bytesMax, message, name }: FormKind<T>) {
  if (bytes.byteLength > bytesMax) {
    return refused('oversized', `a ${name} of ${bytes.byteLength} bytes`);
  }
  // A copy: what is opened shares no memory with the network's buffers.
  const own = new Uint8Array(bytes);
  const signed = decodeAs(own, signedRosterSchema, `signed ${name}`, bytesMax);
  if (!signed.ok) return signed;
  const { body: bodyBytes, signatures } = signed.value;
  const body = decodeAs(bodyBytes, message.schema, name, message.bodyBytesMax);
  if (!body.ok) return body;
  const opened: OpenedForm<T> = {
    body: body.value,
    bodyBytes,
    bodyDigest: digestOf(bodyBytes),
    signers: signatures.map(({ member }) => member),
  };
  return checked({ signed: signed.value, opened });
}

const REASONS: Readonly<Record<CertificateRefusal, RefusalReason>> = Object.freeze({
  'not-a-voter': 'not-permitted',
  'duplicate-signer': 'wrong-shape',
  'unsorted-signers': 'wrong-shape',
  'too-few': 'not-permitted',
  'bad-signature': 'bad-signature',
});

function says(reason: CertificateRefusal, name: string, threshold: number): string {
  switch (reason) {
    case 'not-a-voter':
      return `somebody signed the ${name} who is no administrator`;
    case 'duplicate-signer':
      return `an administrator signed the ${name} twice`;
    case 'unsorted-signers':
      return `the signatures of the ${name} are not in order`;
    case 'too-few':
      return `the ${name} needs the signatures of ${threshold} administrators`;
    case 'bad-signature':
      return `a signature of the ${name} does not hold`;
  }
}
