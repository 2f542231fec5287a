// What members say in a secure aggregation: verified, judged by the protocol, recorded. Nothing here
// is secret from anyone but the network: shares are sealed to their recipients, vectors are masked.

import {
  digestOf,
  type MemberStatement,
  objectionToStatement,
  openMessage,
  toStatement,
  treeOfLeaves,
  vectorBytes,
} from '@starling/crypto';
import { activePeers, isAggregating, type SessionRecord } from '@starling/rules';
import type {
  Digest,
  MemberId,
  Opened,
  PayloadRef,
  Refusal,
  TransportId,
  Verdict,
} from '@starling/shared';
import {
  ACCEPT,
  complaint,
  decodeCanonical,
  encodeCanonical,
  keyAdvertisement,
  refusal,
  SECAGG_REQUEST_BYTES_MAX,
  type SecaggAnswer,
  secaggRequestSchema,
  shareBundle,
  unmaskShares,
} from '@starling/shared';
import type { Declines } from './declines.ts';
import type { CoordinatorDependencies } from './dependencies.ts';
import type { FederationLog } from './federation-log.ts';
import type { MeasuredLinks } from './measured-links.ts';
import type { Pulls } from './pulls.ts';
import type { SessionMail } from './session-mail.ts';

const DIRECT_MESSAGES = [keyAdvertisement, shareBundle, unmaskShares, complaint];

export class SessionIntake {
  readonly #world: CoordinatorDependencies;
  readonly #log: FederationLog;
  readonly #declines: Declines;
  readonly #mail: SessionMail;
  readonly #links: MeasuredLinks;
  readonly #pulls: Pulls;
  readonly #signal: AbortSignal;
  readonly #onRecorded: () => void;

  constructor(
    world: CoordinatorDependencies,
    log: FederationLog,
    parts: {
      readonly declines: Declines;
      readonly mail: SessionMail;
      readonly links: MeasuredLinks;
      readonly pulls: Pulls;
      readonly signal: AbortSignal;
      readonly onRecorded: () => void;
    },
  ) {
    this.#world = world;
    this.#log = log;
    this.#declines = parts.declines;
    this.#mail = parts.mail;
    this.#links = parts.links;
    this.#pulls = parts.pulls;
    this.#signal = parts.signal;
    this.#onRecorded = parts.onRecorded;
  }

  /** Handler of the request protocol `secagg`. */
  async answer(bytes: Uint8Array, from: TransportId): Promise<Uint8Array> {
    const answer = await this.#answer(bytes, from);
    return answer instanceof Uint8Array ? answer : encodeCanonical(answer);
  }

  /**
   * Takes a statement whose frame was opened: R2 and R3 come by gossip, the others by request, R1
   * with its leaves. What it names is stored before it counts.
   */
  async take(
    message: Opened<unknown>,
    frame: Uint8Array,
    leaves: readonly Uint8Array[] | undefined = undefined,
  ): Promise<Verdict> {
    const { sender: member, body, bodyBytes, signature, type } = message;
    const digest = digestOf(bodyBytes);
    const statement = toStatement(type, { member, body, digest, frame, signature });
    const record = this.#recordOf(statement);
    if (record === undefined) return refusal('stale-round', 'no such session is open');
    const objection = objectionToStatement(record.state, statement);
    if (objection?.reason === 'equivocation') return this.#record(statement, null);
    if (objection !== undefined) return objection;
    if (statement.kind === 'shares') return this.#takeShares(statement, leaves ?? []);
    if (statement.kind !== 'masked') return this.#record(statement, null);
    const { payload } = statement.body;
    if (payload.bytes !== vectorBytes(record.state.session)) {
      return refusal('wrong-dimension', `a vector of ${payload.bytes} bytes`);
    }
    return this.#pulls.start(member, digest, () => this.#pull(statement, payload));
  }

  async #answer(bytes: Uint8Array, from: TransportId): Promise<SecaggAnswer | Uint8Array> {
    const decoded = decodeCanonical(bytes, SECAGG_REQUEST_BYTES_MAX);
    if (!decoded.ok) return refuse(this.#counted(refusal(decoded.fault, decoded.detail)));
    const request = secaggRequestSchema.safeParse(decoded.value).data;
    if (request === undefined)
      return refuse(this.#counted(refusal('wrong-shape', 'is no request')));
    const { federation, roster } = this.#log.state;
    const asker = activePeers(roster).find(({ transportId }) => transportId === from)?.member;
    if (asker === undefined) return refuse(refusal('unknown-sender', 'is no active member'));
    if (request.kind === 'inbox') {
      return this.#mail.inbox(asker, request.session, request.phase);
    }
    if (request.kind === 'decline') return this.#decline(asker, request.session);
    const opened = openMessage(request.frame, DIRECT_MESSAGES, {
      federation,
      nowMs: this.#world.clock.nowMs(),
      keyOf: (sender) => (sender === asker ? this.#keyOf(sender) : undefined),
    });
    if (!opened.ok) return refuse(this.#counted(opened.refusal));
    const message: Opened<unknown> = opened.value;
    const leaves = request.kind === 'shares' ? request.leaves : undefined;
    const verdict = await this.take(message, request.frame, leaves);
    this.#counted(verdict);
    if (verdict.kind === 'accept' || verdict.reason === 'duplicate') return { outcome: 'taken' };
    return refuse(verdict);
  }

  #decline(asker: MemberId, session: Digest): SecaggAnswer {
    if (!this.#declines.take(session, asker)) {
      return refuse(refusal('stale-round', 'the session does not wait for it'));
    }
    this.#onRecorded();
    return { outcome: 'taken' };
  }

  /** The leaves must give the root that was signed. */
  async #takeShares(
    statement: MemberStatement & { kind: 'shares' },
    leaves: readonly Uint8Array[],
  ): Promise<Verdict> {
    const { body, member } = statement;
    const tree = leaves.length === body.leaves ? treeOfLeaves(leaves) : undefined;
    if (tree?.root !== body.root) {
      return refusal('wrong-shape', 'the leaves are not those that were signed');
    }
    const ref = await this.#world.payloads.offer(encodeCanonical([...leaves]));
    const verdict = await this.#record(statement, ref);
    const record = this.#recordOf(statement);
    if (verdict.kind === 'accept' && record !== undefined) {
      this.#mail.keep(record, member, ref, tree);
    }
    return verdict;
  }

  async #pull(statement: MemberStatement, payload: PayloadRef): Promise<void> {
    const { member } = statement;
    try {
      await this.#links.pull(member, payload, this.#signal);
      await this.#record(statement, null);
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      this.#world.logger.warn('masked vector not pulled', { member, detail });
    }
  }

  /**
   * Records a statement if the protocol still takes it when its turn comes. One that contradicts
   * another is kept as evidence, and its author is left out from here on.
   */
  async #record(statement: MemberStatement, leaves: PayloadRef | null): Promise<Verdict> {
    let verdict: Verdict = ACCEPT;
    const { frame, member } = statement;
    const { session } = statement.body;
    const wrote = await this.#log.transact(({ round }) => {
      const record = round?.sessions.get(session);
      if (round === undefined || !isAggregating(round) || record === undefined) {
        verdict = refusal('stale-round', 'the session is over');
        return [];
      }
      verdict = objectionToStatement(record.state, statement) ?? ACCEPT;
      if (verdict.kind === 'accept') {
        return [{ type: 'session-said', payload: { frame, leaves, member, session } }];
      }
      const isNews = verdict.reason === 'equivocation' && !record.state.equivocated.has(member);
      return isNews ? [{ type: 'session-equivocated', payload: { frame, member, session } }] : [];
    });
    if (wrote) this.#onRecorded();
    return verdict;
  }

  #recordOf(statement: MemberStatement): SessionRecord | undefined {
    const { round } = this.#log.state;
    if (round === undefined || !isAggregating(round)) return undefined;
    return round.sessions.get(statement.body.session);
  }

  #keyOf(sender: MemberId): Uint8Array | undefined {
    return activePeers(this.#log.state.roster).find(({ member }) => member === sender)?.publicKey;
  }

  #counted(verdict: Verdict): Refusal {
    const outcome = verdict.kind === 'accept' ? 'accepted' : verdict.reason;
    this.#world.meter.count('starling_coordinator_messages_total', 1, { outcome });
    return verdict.kind === 'accept' ? refusal('duplicate', 'taken') : verdict;
  }
}

function refuse({ reason, detail }: Refusal): SecaggAnswer {
  return { outcome: 'refused', reason: `${reason}: ${detail}`.slice(0, 400) };
}
