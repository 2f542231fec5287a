// A WebAssembly module of four functions that differ in one instruction, assembled here: 300 bytes
// need no compiler in the build. WebAssembly core specification 2.0, sections 5.4 and 5.5.

export type RingOperation = 'add' | 'subtract';
export type KernelFunction = `${RingOperation}${32 | 64}`;

/**
 * The module: functions (sum, other, bytes) that write `sum ± other` over whole steps of 32 bytes,
 * at least one, and its memory of `pages` times 64 KiB.
 */
export function assembleRingKernel(pages: number): Uint8Array {
  const names = Object.keys(LANE_OPCODES) as KernelFunction[];
  const type = [0x60, 3, I32, I32, I32, 0];
  const exported = [
    ...names.map((name, index) => [...text(name), 0x00, index]),
    [...text('memory'), 0x02, 0],
  ];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector([type])),
    ...section(3, vector(names.map(() => [0]))),
    ...section(5, vector([[0x00, pages]])),
    ...section(7, vector(exported)),
    ...section(10, vector(names.map((name) => functionBody(LANE_OPCODES[name])))),
  ]);
}

/** Opcodes of the SIMD instruction that tells the four functions apart (prefix 0xfd). */
const LANE_OPCODES: Readonly<Record<KernelFunction, number>> = {
  add32: 0xae, // i32x4.add
  subtract32: 0xb1, // i32x4.sub
  add64: 0xce, // i64x2.add
  subtract64: 0xd1, // i64x2.sub
};

const I32 = 0x7f;
const LOCAL_GET = 0x20;
const LOCAL_SET = 0x21;
const LOCAL_TEE = 0x22;
const I32_CONST = 0x41;
const I32_ADD = 0x6a;
const I32_LT_U = 0x49;
const LOOP = 0x03;
const BR_IF = 0x0d;
const VOID = 0x40;
const END = 0x0b;
const SIMD = 0xfd;
const V128_LOAD = 0x00;
const V128_STORE = 0x0b;

/** Locals of a kernel function: its three parameters and the end of the first operand. */
const [SUM, OTHER, BYTES, END_OF_SUM] = [0, 1, 2, 3];

/** `do { two steps of 16 bytes } while (sum < end)`: whole steps of 32 bytes, at least one. */
function functionBody(opcode: number): number[] {
  const step = (offset: number) => [
    ...[LOCAL_GET, SUM],
    ...[LOCAL_GET, SUM, SIMD, V128_LOAD, 4, offset],
    ...[LOCAL_GET, OTHER, SIMD, V128_LOAD, 4, offset],
    ...[SIMD, ...leb128(opcode)],
    ...[SIMD, V128_STORE, 4, offset],
  ];
  const code = [
    ...[1, 1, I32],
    ...[LOCAL_GET, SUM, LOCAL_GET, BYTES, I32_ADD, LOCAL_SET, END_OF_SUM],
    ...[LOOP, VOID],
    ...step(0),
    ...step(16),
    ...[LOCAL_GET, OTHER, I32_CONST, 32, I32_ADD, LOCAL_SET, OTHER],
    ...[LOCAL_GET, SUM, I32_CONST, 32, I32_ADD, LOCAL_TEE, SUM],
    ...[LOCAL_GET, END_OF_SUM, I32_LT_U, BR_IF, 0],
    ...[END, END],
  ];
  return [...leb128(code.length), ...code];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...leb128(content.length), ...content];
}

function vector(items: readonly (readonly number[])[]): number[] {
  return [...leb128(items.length), ...items.flat()];
}

function text(name: string): number[] {
  return [...leb128(name.length), ...new TextEncoder().encode(name)];
}

function leb128(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb128(value >>> 7)];
}
