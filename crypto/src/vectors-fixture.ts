// The official vectors that lie beside the repository: NIST's ACVP sets and those of X-Wing.

import { createPrivateKey, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { MlKemSuite } from './kem/kem-backend.ts';
import type { SignatureSuite } from './signatures/signature-backend.ts';

export const VECTORS = resolve(import.meta.dirname, '../../../shared/vectors');

export const ACVP_SETS = [
  'ML-DSA-keyGen-FIPS204',
  'ML-DSA-sigGen-FIPS204',
  'ML-DSA-sigVer-FIPS204',
  'ML-KEM-encapDecap-FIPS203',
  'ML-KEM-keyGen-FIPS203',
] as const;

/** What of a test says how it goes. */
export interface RunningTest {
  log(text: string): void;
  pass(): void;
  fail(why: string): void;
}

/** One case with the fields of its group and its expected results. */
export interface VectorCase {
  /** Names the case in a failure: file, group, case. */
  readonly id: string;
  readonly parameterSet: string;
  has(field: string): boolean;
  /** A text or flag of the case or its group, empty when it has none. */
  text(field: string): string;
  /** The bytes of a hexadecimal field; throws when the case has none. */
  bytes(field: string): Uint8Array;
}

/**
 * Every case of an ACVP set, once from its prompt and expected results and once more from its
 * internal projection where there is one. A file without cases fails the test; undefined, with the
 * test passed and the set named in its log, when the vectors are not on this machine.
 */
export function acvpCases(
  t: RunningTest,
  set: (typeof ACVP_SETS)[number],
): readonly VectorCase[] | undefined {
  const folder = resolve(VECTORS, 'acvp', set);
  if (isMissing(t, folder, `ACVP ${set}`)) return undefined;
  const expected = new Map(
    rawCases(t, folder, 'expectedResults').map((each) => [each['name'], each] as const),
  );
  const cases = rawCases(t, folder, 'prompt').map((each) => {
    const results = expected.get(each['name']);
    if (results === undefined) t.fail(`${set} ${each['name']} has no expected result`);
    return vectorCase(`prompt ${each['name']}`, { ...each, ...results });
  });
  if (!existsSync(resolve(folder, 'internalProjection.json.gz'))) return cases;
  const projected = rawCases(t, folder, 'internalProjection');
  return [...cases, ...projected.map((each) => vectorCase(`projection ${each['name']}`, each))];
}

/** The cases of the X-Wing draft; as {@link acvpCases} when there are none. */
export function xWingCases(t: RunningTest): readonly VectorCase[] | undefined {
  const file = resolve(VECTORS, 'x-wing/test-vectors.json');
  if (isMissing(t, file, 'x-wing/test-vectors.json')) return undefined;
  const cases: readonly Fields[] = JSON.parse(readFileSync(file, 'utf8'));
  if (cases.length === 0) t.fail('x-wing/test-vectors.json yields no test');
  return cases.map((fields, at) => vectorCase(`case ${at + 1}`, fields));
}

/** The algorithm of a case, such as `ml-dsa-65`. */
export function suiteOf<T extends SignatureSuite | MlKemSuite>(each: VectorCase): T {
  return each.parameterSet.toLowerCase() as T;
}

const OBJECT_IDENTIFIER_ENDS: Readonly<Record<SignatureSuite | MlKemSuite, string>> = {
  'ml-dsa-44': '0311',
  'ml-dsa-65': '0312',
  'ml-dsa-87': '0313',
  'ml-kem-512': '0401',
  'ml-kem-768': '0402',
  'ml-kem-1024': '0403',
};

/** The runtime's key of an expanded secret key; throws when its checks refuse it. */
export function importExpandedKey(
  suite: SignatureSuite | MlKemSuite,
  expanded: Uint8Array,
): KeyObject {
  const algorithm = `300b060960864801650304${OBJECT_IDENTIFIER_ENDS[suite]}`;
  const inner = derElement('04', expanded);
  const content = Buffer.concat([
    Buffer.from(`020100${algorithm}`, 'hex'),
    derElement('04', inner),
  ]);
  return createPrivateKey({ key: derElement('30', content), format: 'der', type: 'pkcs8' });
}

type Fields = Readonly<Record<string, unknown>>;

interface AcvpGroup extends Fields {
  readonly tgId: number;
  readonly tests: readonly (Fields & { readonly tcId: number })[];
}

function isMissing(t: RunningTest, path: string, what: string): boolean {
  if (existsSync(path)) return false;
  t.log(`skipped: ${what}, its vectors are not on this machine`);
  t.pass();
  return true;
}

function rawCases(t: RunningTest, folder: string, file: string): Fields[] {
  const text = gunzipSync(readFileSync(resolve(folder, `${file}.json.gz`))).toString();
  const groups: readonly AcvpGroup[] = JSON.parse(text).testGroups;
  const cases = groups.flatMap(({ tests, ...group }) =>
    tests.map((each) => ({ ...group, ...each, name: `${group.tgId}/${each.tcId}` })),
  );
  if (cases.length === 0) t.fail(`${folder}: ${file} yields no test`);
  return cases;
}

function vectorCase(id: string, fields: Fields): VectorCase {
  return {
    id: `${id} ${fields['parameterSet'] ?? ''}`.trim(),
    parameterSet: String(fields['parameterSet'] ?? ''),
    has: (field) => fields[field] !== undefined,
    text: (field) => String(fields[field] ?? ''),
    bytes(field) {
      const hex = fields[field];
      if (typeof hex !== 'string') throw new TypeError(`${id} has no ${field}`);
      return new Uint8Array(Buffer.from(hex, 'hex'));
    },
  };
}

function derElement(tag: string, content: Uint8Array): Buffer {
  const length = content.byteLength.toString(16).padStart(4, '0');
  return Buffer.concat([Buffer.from(`${tag}82${length}`, 'hex'), content]);
}
