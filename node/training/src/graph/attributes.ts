import type { OnnxAttribute, OnnxGraph } from '../onnx/onnx-model.ts';

export function int(value: number): OnnxAttribute {
  return { kind: 'int', value };
}

export function ints(value: readonly number[]): OnnxAttribute {
  return { kind: 'ints', value };
}

export function text(value: string): OnnxAttribute {
  return { kind: 'string', value };
}

export function body(value: OnnxGraph): OnnxAttribute {
  return { kind: 'graph', value };
}
