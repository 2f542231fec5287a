import type { MemberId, ModelCertificate } from '@starling/shared';
import test from 'ava';
import { type CertificateRefusal, verifyCertificate } from './certificate.ts';

const memberOf = (value: number) => value.toString(16).padStart(64, '0') as MemberId;
const voters = [0, 1, 2, 3].map(memberOf);
const body = Uint8Array.of(7);

function certificateOf(...signers: readonly number[]): ModelCertificate {
  const signatures = signers.map((each) => ({
    member: memberOf(each),
    signature: Uint8Array.of(each),
  }));
  return { body, signatures };
}

function verify(member: MemberId, _body: Uint8Array, signature: Uint8Array): boolean {
  return memberOf(signature[0] ?? -1) === member;
}

test('a quorum of sorted signatures is a certificate', (t) => {
  t.deepEqual(verifyCertificate(certificateOf(0, 2, 3), { voters, verify }), { ok: true });
  t.deepEqual(verifyCertificate(certificateOf(0, 1, 2, 3), { voters, verify }), { ok: true });
});

const refused: readonly (readonly [string, readonly number[], CertificateRefusal])[] = [
  ['too few signers', [0, 1], 'too-few'],
  ['nobody', [], 'too-few'],
  ['a signer that stands twice', [0, 1, 1], 'duplicate-signer'],
  ['a stranger among enough voters', [0, 1, 2, 9], 'not-a-voter'],
  ['signers out of order', [1, 0, 2], 'unsorted-signers'],
  ['a duplicate out of order', [0, 1, 0], 'unsorted-signers'],
];

for (const [title, signers, reason] of refused) {
  test(`${title}: refused as ${reason}, without verifying a signature`, (t) => {
    const verdict = verifyCertificate(certificateOf(...signers), {
      voters,
      verify: () => t.fail('verified before the cheap checks'),
    });
    t.like(verdict, { ok: false, reason });
  });
}

test('one bad signature refuses the whole certificate, beyond the quorum too', (t) => {
  const { signatures } = certificateOf(0, 1, 2, 3);
  const forged = signatures.map((each, i) => (i === 3 ? { ...each, signature: body } : each));
  const verdict = verifyCertificate({ body, signatures: forged }, { voters, verify });
  t.like(verdict, { ok: false, reason: 'bad-signature' });
});

test('every signature is checked over the certificate body', (t) => {
  const seen: Uint8Array[] = [];
  verifyCertificate(certificateOf(0, 1, 2), {
    voters,
    verify: (_member, signed) => seen.push(signed) > 0,
  });
  t.deepEqual(seen, [body, body, body]);
});
