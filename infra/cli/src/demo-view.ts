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
      else if (isTerminal) {
        const text = describe(event.status, event.pooled);
        stream.write(`\r\x1b[K${text.slice(0, (stream.columns ?? 100) - 1)}`);
      } else {
        const milestone = milestoneOf(event.status);
        if (milestone !== last) stream.write(`${describe(event.status, event.pooled)}\n`);
        last = milestone;
      }
    },
    close: () => {
      if (isTerminal) stream.write('\r\x1b[K');
    },
  };
}

/** Plain output gets a line whenever this changes: a site became ready, a round ended. */
function milestoneOf({ members, roundsDone, version }: CoordinatorStatus): string {
  const ready = members.filter((member) => member.ready).length;
  const connected = members.filter((member) => member.connected).length;
  return [members.length, connected, ready, roundsDone, version].join();
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
    `${updatesOf(round)}, ${round.votes.length} votes${loss}; ` +
    `version ${status.version}; ${peers}; pooled ${pooled}`
  );
}

function updatesOf({ masked, updates }: CoordinatorStatus['rounds'][number]): string {
  if (masked === null) return `${updates.length} updates`;
  if (masked.survivors === 0) return `masked, ${masked.participants} asked`;
  return `masked sum of ${masked.survivors} of ${masked.participants}`;
}

function micros(value: number): string {
  return (value / 1e6).toFixed(3);
}
