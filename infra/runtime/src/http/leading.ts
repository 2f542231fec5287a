// What the routes ask: the coordinator that leads in this process, and its log.

import type { Coordinator } from '@starling/coordinator';
import type { EventLog, PayloadExchange } from '@starling/shared';
import type { LogStatus } from '../coordinator-log.ts';

export interface Leading {
  readonly coordinator: Coordinator;
  readonly eventLog: EventLog;
  readonly lookAtLog: () => Promise<LogStatus>;
  readonly payloads: PayloadExchange;
}
