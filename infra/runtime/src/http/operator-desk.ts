// What the routes answer from.

import type { Coordinator } from '@starling/coordinator';
import type { EventLog, PayloadExchange } from '@starling/shared';
import type { LogStatus } from '../coordinator-log.ts';

export interface OperatorDesk {
  readonly coordinator: Coordinator;
  readonly eventLog: EventLog;
  readonly lookAtLog: () => Promise<LogStatus>;
  readonly payloads: PayloadExchange;
}
