// What a site says of itself: where it listens, which model it holds, whether it may be selected.

import { sealMessage } from '@starling/crypto';
import { EXAMPLES_ROUNDED_TO, registration, type Sequence } from '@starling/shared';
import type { Collection } from './collection.ts';
import type { KeptTrainings } from './commitments/kept-trainings.ts';
import type { PeerDependencies } from './dependencies.ts';
import type { SiteMembership } from './membership.ts';
import type { ModelVersions } from './model-versions.ts';

const ADDRESSES_MAX = 8;
/** What a site says before its app has trained: room for a weight of this size in a masked sum. */
const APP_EXAMPLES_AT_FIRST = 10_000;

export interface RegistrationParts {
  readonly collection: Collection;
  readonly kept: KeptTrainings;
  readonly membership: SiteMembership;
  readonly sequence: Sequence;
  readonly versions: ModelVersions;
}

export function sealRegistration(
  { bus, identity }: Pick<PeerDependencies, 'bus' | 'identity'>,
  parts: RegistrationParts,
  ready: boolean,
): Uint8Array {
  const { membership, sequence, versions } = parts;
  return sealMessage(identity, registration, {
    federation: membership.federation,
    body: {
      addresses: [...bus.addresses()].slice(0, ADDRESSES_MAX),
      examplesRounded: examplesRounded(parts),
      model: versions.current.ref.root,
      ready,
      version: versions.current.version,
    },
    ...sequence.stamp(),
  });
}

/** Rounded up, so that an added document is hardly seen. An app tells its examples when it trains. */
export function examplesRounded({ collection, kept, membership }: RegistrationParts): number {
  const examples =
    membership.genesis.task.app === null
      ? collection.split('train').queries.rows
      : (kept.newestExamples ?? APP_EXAMPLES_AT_FIRST);
  return Math.ceil(examples / EXAMPLES_ROUNDED_TO) * EXAMPLES_ROUNDED_TO;
}
