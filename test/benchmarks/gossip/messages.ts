// The bytes of the gossip benchmark: sealed as the product seals them, or the bare body.

import { type Identity, openMessage, sealMessage } from '@starling/crypto';
import {
  bytesSchema,
  type CborValue,
  decodeCanonical,
  defineMessage,
  encodeCanonical,
  federationIdSchema,
  type MessageDefinition,
  payloadRefSchema,
  uintSchema,
  z,
} from '@starling/shared';
import type { Contender, Site } from './protocol.ts';

const BODY_BYTES_MAX = 64 * 1024;
const FEDERATION = federationIdSchema.parse('b'.repeat(64));
const common = {
  form: 'envelope',
  topic: 'site',
  sender: 'peer',
  bodyBytesMax: BODY_BYTES_MAX,
  lifetimeMs: 600_000,
} as const;

const inlineSchema = z.strictObject({ content: bytesSchema, origin: uintSchema, seq: uintSchema });
const pulledSchema = z.strictObject({
  origin: uintSchema,
  payload: payloadRefSchema,
  seq: uintSchema,
});

export const inlineMessage = defineMessage<z.infer<typeof inlineSchema>>({
  ...common,
  type: 'benchmark-inline',
  schema: inlineSchema,
});
export const pulledMessage = defineMessage<z.infer<typeof pulledSchema>>({
  ...common,
  type: 'benchmark-pulled',
  schema: pulledSchema,
});

/** Who seals, and whose signatures are accepted. */
export class Messages {
  readonly #identity: Identity;
  readonly #keys: ReadonlyMap<string, Uint8Array>;
  #seq = 0;

  constructor(identity: Identity, sites: readonly Site[]) {
    this.#identity = identity;
    this.#keys = new Map(
      sites.map(({ member, publicKeyBase64 }) => [member, Buffer.from(publicKeyBase64, 'base64')]),
    );
  }

  seal<T extends CborValue>(contender: Contender, definition: MessageDefinition<T>, body: T) {
    if (contender === 'unsigned') return encodeCanonical(body);
    this.#seq += 1;
    const content = { federation: FEDERATION, body, seq: this.#seq, nowMs: Date.now() };
    return sealMessage(this.#identity, definition, content);
  }

  /** @throws {Error} when the bytes are refused: then the benchmark itself is broken. */
  open<T>(contender: Contender, definition: MessageDefinition<T>, bytes: Uint8Array): T {
    if (contender === 'unsigned') {
      const decoded = decodeCanonical(bytes, BODY_BYTES_MAX);
      if (!decoded.ok) throw new Error(decoded.detail);
      return definition.schema.parse(decoded.value);
    }
    const opened = openMessage(bytes, definition, {
      federation: FEDERATION,
      nowMs: Date.now(),
      keyOf: (sender) => this.#keys.get(sender),
    });
    if (!opened.ok) throw new Error(`${opened.refusal.reason}: ${opened.refusal.detail}`);
    return opened.value.body;
  }
}
