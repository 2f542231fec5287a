// The operator API of a coordinator's process, from its start to its end, whoever leads meanwhile.

import { join } from 'node:path';
import { createPinoLogger, PrometheusMeter, SystemClock } from '@starling/adapters';
import { lookAtLog } from '../coordinator-log.ts';
import type { CoordinatorConfig } from '../site-config.ts';
import type { HttpConfig } from './http-config.ts';
import { type OperatorServer, startOperatorServer } from './operator-server.ts';
import type { CurrentStanding } from './standing.ts';

/** @throws as {@link startOperatorServer} */
export async function serveOperators(
  home: string,
  { log, logLevel }: CoordinatorConfig,
  http: HttpConfig,
  standing: CurrentStanding,
): Promise<OperatorServer> {
  const fields = { site: 'coordinator' };
  const logger = createPinoLogger({ level: logLevel, file: join(home, 'log.jsonl'), fields });
  const server = await startOperatorServer(http, {
    ...{ home, logger, standing },
    clock: new SystemClock(),
    lookAtLog: () => lookAtLog(home, log),
    meter: new PrometheusMeter(fields),
  });
  logger.info('serves operators', { url: server.url });
  return server;
}
