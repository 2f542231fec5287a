// Two honest processes with one key: each hears one half of the others and is heard by it.

import type { SimplexConfig } from '../../simplex/config.ts';
import type { Conspiracy } from './conspiracy.ts';
import type { Message } from './message.ts';
import { type Mail, SimplexNode, type SimulatedNode } from './simplex-node.ts';
import type { MessageLevelSpec } from './spec.ts';

/** Timers of the second twin carry this, so that each hears its own. */
const SECOND_TWIN = 1_000_000_000;

export class TwinNode implements SimulatedNode {
  readonly #twins: readonly [SimplexNode, SimplexNode];
  readonly #conspiracy: Conspiracy;

  constructor(
    config: SimplexConfig & { readonly self: number },
    { spec, mail, conspiracy }: { spec: MessageLevelSpec; mail: Mail; conspiracy: Conspiracy },
  ) {
    this.#conspiracy = conspiracy;
    const twin = (half: 0 | 1) => {
      const among = [...conspiracy.halves[half], ...conspiracy.members];
      const halfMail: Mail = {
        broadcast: (message) => {
          for (const to of among) if (to !== config.self) mail.send(message, to);
        },
        send: (message, to) => mail.send(message, to),
        plan: (atMs, node, message) => {
          const from = message.from + half * SECOND_TWIN;
          mail.plan(atMs, node, { ...message, from } as Message);
        },
        below: (count) => mail.below(count),
      };
      return new SimplexNode(config, spec, { mail: halfMail, candidate: 1000 + half });
    };
    this.#twins = [twin(0), twin(1)];
  }

  start(nowMs: number): void {
    for (const twin of this.#twins) twin.start(nowMs);
  }

  receive(message: Message, nowMs: number): void {
    const [first, second] = this.#twins;
    const { kind, from } = message;
    if (kind === 'wake' || kind === 'flush' || kind === 'offer' || kind === 'idle-status') {
      if (from < SECOND_TWIN) first.receive(message, nowMs);
      else second.receive({ kind, from: from - SECOND_TWIN, body: undefined }, nowMs);
    } else if (this.#conspiracy.members.has(from)) {
      first.receive(message, nowMs);
      second.receive(message, nowMs);
    } else this.#twins[this.#conspiracy.halfOf(from)].receive(message, nowMs);
  }
}
