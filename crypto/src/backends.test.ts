import test from 'ava';
import { chosenBackends } from './backends.ts';
import { hasNodeKem } from './kem/select-kem-backend.ts';
import { hasNodeSignatures } from './signatures/node-signatures.ts';

test('what computes here is told by family, and this runtime lacks no cipher and no hash', (t) => {
  t.deepEqual(chosenBackends(), {
    signatures: hasNodeSignatures() ? 'node' : 'noble',
    kem: hasNodeKem('x-wing') ? 'node' : 'noble',
    missing: [],
  });
});
