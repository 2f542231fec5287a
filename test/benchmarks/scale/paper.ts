// What a round costs on paper, from the sizes of the wire and the measured cost of one update.

import type { Row } from '../benchmark.ts';

/** ML-DSA-65 (FIPS 204). */
const PUBLIC_KEY_BYTES = 1_952;
const SIGNATURE_BYTES = 3_309;
/** A roster's entry beside the key: ids, digests, name, times. */
const ENTRY_BYTES = 420;
const MEMBER_ID_BYTES = 66;
const PAYLOAD_BYTES = 1_048_576;
const LINK_BYTES_PER_SECOND = 125_000_000;

/** @param cpuMsPerUpdate verifying, pulling and summing one, measured */
export function paperRow(members: number, selected: number, cpuMsPerUpdate: number): Row {
  const quorum = Math.floor((2 * members) / 3) + 1;
  const inBytes = selected * PAYLOAD_BYTES;
  const outBytes = members * PAYLOAD_BYTES;
  return {
    table: 'on paper: all select, vote and pull the model from the coordinator alone',
    contender: 'paper',
    case: `${members} sites, ${selected} selected`,
    figures: {
      updateCpuSeconds: (selected * cpuMsPerUpdate) / 1000,
      pulledMiB: inBytes / 2 ** 20,
      modelOutMiB: outBytes / 2 ** 20,
      linkSeconds: (inBytes + outBytes) / LINK_BYTES_PER_SECOND,
      rosterKiB: (members * (PUBLIC_KEY_BYTES + ENTRY_BYTES)) / 1024,
      statusKiB: (members * 4 * MEMBER_ID_BYTES) / 1024,
      certificateKiB: (quorum * (SIGNATURE_BYTES + MEMBER_ID_BYTES)) / 1024,
    },
  };
}
