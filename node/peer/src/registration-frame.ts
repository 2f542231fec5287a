// What a site says of itself: where it listens, which model it holds, whether it may be selected.

import { sealMessage } from '@starling/crypto';
import { EXAMPLES_ROUNDED_TO, registration, type Sequence } from '@starling/shared';
import type { Collection } from './collection.ts';
import type { PeerDependencies } from './dependencies.ts';
import type { SiteMembership } from './membership.ts';
import type { ModelVersions } from './model-versions.ts';

const ADDRESSES_MAX = 8;

export interface RegistrationParts {
  readonly collection: Collection;
  readonly membership: SiteMembership;
  readonly sequence: Sequence;
  readonly versions: ModelVersions;
}

export function sealRegistration(
  { bus, identity }: Pick<PeerDependencies, 'bus' | 'identity'>,
  { collection, membership, sequence, versions }: RegistrationParts,
  ready: boolean,
): Uint8Array {
  const examples = collection.split('train').queries.rows;
  return sealMessage(identity, registration, {
    federation: membership.federation,
    body: {
      addresses: [...bus.addresses()].slice(0, ADDRESSES_MAX),
      examplesRounded: Math.ceil(examples / EXAMPLES_ROUNDED_TO) * EXAMPLES_ROUNDED_TO,
      model: versions.current.ref.root,
      ready,
      version: versions.current.version,
    },
    ...sequence.stamp(),
  });
}
