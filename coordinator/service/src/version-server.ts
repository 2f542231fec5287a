// Answers members that missed a version with the proof that it is final.

import { openMessage, sealMessage } from '@starling/crypto';
import { activePeers, versionProof } from '@starling/rules';
import type { Sequence, VersionResponse } from '@starling/shared';
import { versionRequest, versionResponse } from '@starling/shared';
import type { CoordinatorDependencies } from './dependencies.ts';
import type { FederationLog } from './federation-log.ts';

export class VersionServer {
  readonly #world: CoordinatorDependencies;
  readonly #log: FederationLog;
  readonly #sequence: Sequence;

  constructor(world: CoordinatorDependencies, log: FederationLog, sequence: Sequence) {
    this.#world = world;
    this.#log = log;
    this.#sequence = sequence;
  }

  /** Answers a member's request; anyone else gets `unknown`. */
  async answer(bytes: Uint8Array): Promise<Uint8Array> {
    const { clock, identity, meter } = this.#world;
    const { federation, roster, versions } = this.#log.state;
    const request = openMessage(bytes, versionRequest, {
      federation,
      nowMs: clock.nowMs(),
      keyOf: (sender) => activePeers(roster).find(({ member }) => member === sender)?.publicKey,
    });
    let body: VersionResponse = { outcome: 'unknown' };
    if (request.ok) {
      const wanted = request.value.body.version;
      const record = versions.find(({ version }) => version === wanted);
      if (record !== undefined) body = versionProof(record);
    }
    meter.count('starling_coordinator_version_requests_total', 1, { outcome: body.outcome });
    return sealMessage(identity, versionResponse, { federation, body, ...this.#sequence.stamp() });
  }
}
