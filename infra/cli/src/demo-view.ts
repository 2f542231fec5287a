// Shows a run while it goes on: one living line on a terminal, plain lines elsewhere.

import type { CoordinatorStatus, DemoEvent } from '@starling/runtime';

export interface DemoView {
  show(event: DemoEvent): void;
  /** Ends the living line. */
  close(): void;
}

export function demoView(stream: NodeJS.WriteStream): DemoView {
  const isTerminal = stream.isTTY === true;
  let last = '';
  const line = (text: string) => {
    stream.write(isTerminal ? `\r\x1b[K${text}\n` : `${text}\n`);
  };
  return {
    show: (event) => {
      if (event.kind === 'phase') line(`— ${event.phase}: ${event.detail}`);
      else if (event.kind === 'note') line(`  ${event.text}`);
      else {
        const text = describe(event.status, event.pooled);
        if (isTerminal) stream.write(`\r\x1b[K${text.slice(0, (stream.columns ?? 100) - 1)}`);
        else if (text !== last) stream.write(`${text}\n`);
        last = text;
      }
    },
    close: () => {
      if (isTerminal) stream.write('\r\x1b[K');
    },
  };
}

function describe(status: CoordinatorStatus, pooled: string): string {
  const round = status.rounds.at(-1);
  const ready = status.members.filter((member) => member.ready).length;
  const connected = status.members.filter((member) => member.connected).length;
  const peers = `${connected} of ${status.members.length} sites connected, ${ready} ready`;
  if (round === undefined) return `  ${peers}; pooled ${pooled}`;
  const loss =
    round.lossLastMicros === 0
      ? ''
      : `, loss ${micros(round.lossFirstMicros)} → ${micros(round.lossLastMicros)}`;
  return (
    `  round ${round.round}/${status.roundsPlanned} ${round.phase}: ` +
    `${round.updates.length} updates, ${round.votes.length} votes${loss}; ` +
    `version ${status.version}; ${peers}; pooled ${pooled}`
  );
}

function micros(value: number): string {
  return (value / 1e6).toFixed(3);
}
