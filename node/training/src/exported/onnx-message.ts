// One message of a foreign model, its fields checked against the schema before anyone uses them.

import {
  type FieldBudget,
  type ProtobufField,
  packedVarints,
  protobufFields,
  type WireValue,
} from '../onnx/protobuf-reader.ts';
import { TrainingError } from '../training-error.ts';
import { type FieldKind, type FieldRule, type MessageName, ONNX_SCHEMA } from './onnx-schema.ts';

/** Fields and numbers of one file, all messages together. */
export const ONNX_FIELDS_MAX = 1 << 21;

const WIRES: Readonly<Record<FieldKind, readonly WireValue['wire'][]>> = {
  varint: ['varint'],
  varints: ['varint', 'bytes'],
  fixed32: ['fixed32'],
  fixed32s: ['fixed32', 'bytes'],
  fixed64s: ['fixed64', 'bytes'],
  text: ['bytes'],
  bytes: ['bytes'],
};

/** Invariant: every field is in the schema, and none that may stand once stands twice. */
export class OnnxMessage {
  readonly offset: number;
  readonly fields: readonly ProtobufField[];
  readonly #what: string;
  readonly #kind: MessageName;
  readonly #budget: FieldBudget;

  /**
   * @param what - the file, for refusals
   * @param offset - where the message begins in it
   * @throws TrainingError `corrupt-file` or `unsupported-format`, naming file, byte and field
   */
  constructor(
    kind: MessageName,
    bytes: Uint8Array,
    what: string,
    offset = 0,
    budget: FieldBudget = { left: ONNX_FIELDS_MAX },
  ) {
    this.offset = offset;
    this.#what = what;
    this.#kind = kind;
    this.#budget = budget;
    this.fields = protobufFields(bytes, what, offset, budget);
    const seen = new Set<number>();
    for (const field of this.fields) this.#check(field, seen);
  }

  messages(name: string): OnnxMessage[] {
    return this.#named(name).map(({ rule, field }) => {
      const { content, contentOffset } = field;
      const kind = 'message' in rule ? rule.message : 'model';
      const bytes = content.wire === 'varint' ? new Uint8Array() : content.value;
      return new OnnxMessage(kind, bytes, this.#what, contentOffset, this.#budget);
    });
  }

  message(name: string): OnnxMessage | undefined {
    return this.messages(name)[0];
  }

  texts(name: string): string[] {
    return this.#named(name).map(({ field }) => this.#text(field));
  }

  text(name: string): string {
    return this.texts(name)[0] ?? '';
  }

  number(name: string): number | undefined {
    const [found] = this.#named(name);
    return found?.field.content.wire === 'varint' ? Number(found.field.content.value) : undefined;
  }

  numbers(name: string): number[] {
    return this.#named(name).flatMap(({ field: { content, contentOffset } }) => {
      return packedVarints(content, this.#what, contentOffset, this.#budget).map(Number);
    });
  }

  /** Bytes of all the values of a field. */
  sizeOf(name: string): number {
    return this.#named(name).reduce((sum, { field: { content } }) => {
      return sum + (content.wire === 'varint' ? 0 : content.value.length);
    }, 0);
  }

  has(name: string): boolean {
    return this.#named(name).length > 0;
  }

  corrupt(what: string): TrainingError {
    return new TrainingError('corrupt-file', this.#at(this.offset, what));
  }

  unsupported(what: string): TrainingError {
    return new TrainingError('unsupported-format', this.#at(this.offset, what));
  }

  #check(field: ProtobufField, seen: Set<number>): void {
    const { number, content, offset } = field;
    const rule = ONNX_SCHEMA[this.#kind][number];
    const refused = (what: string) =>
      new TrainingError('unsupported-format', this.#at(offset, what));
    if (rule === undefined) throw refused(`field ${number} of ${this.#kind} is unknown`);
    if ('refusal' in rule) throw refused(`${this.#kind} has ${rule.name}: ${rule.refusal}`);
    const wires = 'message' in rule ? WIRES.bytes : WIRES[rule.kind];
    if (!wires.includes(content.wire)) {
      const how = `${rule.name} of ${this.#kind} is ${content.wire}, not ${wires.join(' or ')}`;
      throw new TrainingError('corrupt-file', this.#at(offset, how));
    }
    if (seen.has(number) && !isRepeated(rule)) {
      const how = `${rule.name} of ${this.#kind} stands twice`;
      throw new TrainingError('corrupt-file', this.#at(offset, how));
    }
    seen.add(number);
  }

  #named(name: string): { rule: FieldRule; field: ProtobufField }[] {
    return this.fields.flatMap((field) => {
      const rule = ONNX_SCHEMA[this.#kind][field.number];
      return rule?.name === name ? [{ rule, field }] : [];
    });
  }

  #text({ content, offset }: ProtobufField): string {
    try {
      const bytes = content.wire === 'varint' ? new Uint8Array() : content.value;
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch (cause) {
      throw new TrainingError('corrupt-file', this.#at(offset, 'a text is not UTF-8'), { cause });
    }
  }

  #at(offset: number, what: string): string {
    return `${this.#what}, byte ${offset}: ${what}`;
  }
}

function isRepeated(rule: FieldRule): boolean {
  if ('refusal' in rule) return false;
  const isPacked = 'kind' in rule && ['varints', 'fixed32s', 'fixed64s'].includes(rule.kind);
  return isPacked || rule.isRepeated === true;
}
