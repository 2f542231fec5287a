// Who may do what on a bus. `MessageBus.admitOnly` is asked with a request protocol's name, or with
// one of the two names below for what is not a request.

import type { TransportId } from '@starling/shared';

/** Asked before a connection in either direction is opened. */
export const ADMIT_CONNECTION = 'connection';
/** Asked for every gossiped message and its forwarder; others are neither heard nor sent to. */
export const ADMIT_GOSSIP = 'gossip';

export type IsAdmitted = (peer: TransportId, protocol: string) => boolean;

export const ADMIT_ALL: IsAdmitted = () => true;
