// A graph that somebody else made, checked before any runtime sees it: only ONNX's own operators, all
// tensors embedded, all shapes known, nothing nested, nothing random.

import { NODES_MAX } from '../graph/graph.ts';
import { TrainingError } from '../training-error.ts';
import { OnnxMessage } from './onnx-message.ts';

export interface ForeignValue {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly number[];
}

export interface ForeignGraph {
  readonly operatorSet: number;
  readonly inputs: readonly ForeignValue[];
  readonly outputs: readonly ForeignValue[];
  readonly nodes: readonly OnnxMessage[];
  readonly initializers: readonly OnnxMessage[];
}

export const ONNX_FILE_BYTES_MAX = 2 ** 28;
export const OPERATOR_SETS = { min: 13, max: 22 };

const ELEMENT_TYPES: ReadonlyMap<number | undefined, { name: string; bytes: number }> = new Map([
  [1, { name: 'float32', bytes: 4 }],
  [2, { name: 'uint8', bytes: 1 }],
  [3, { name: 'int8', bytes: 1 }],
  [6, { name: 'int32', bytes: 4 }],
  [7, { name: 'int64', bytes: 8 }],
  [9, { name: 'bool', bytes: 1 }],
  [11, { name: 'float64', bytes: 8 }],
]);

/** A fit gives the same bits again, so nothing may draw; and every node runs once per step. */
const REFUSED_OPERATORS: ReadonlyMap<string, string> = new Map([
  ...['Bernoulli', 'Dropout', 'Multinomial', 'RandomNormal', 'RandomNormalLike', 'RandomUniform']
    .concat('RandomUniformLike')
    .map((op): [string, string] => [op, 'it draws random numbers, and fits must repeat']),
  ...['If', 'Loop', 'Scan', 'SequenceMap'].map((op): [string, string] => [op, 'it nests graphs']),
]);

/**
 * Reads a model of one flat graph.
 *
 * @param what - names the bytes in refusals
 * @throws TrainingError `corrupt-file`, `unsupported-format`, `limit-exceeded`, naming byte and
 *   expectation
 */
export function readForeignGraph(bytes: Uint8Array, what: string): ForeignGraph {
  if (bytes.length > ONNX_FILE_BYTES_MAX) {
    const limit = `ONNX_FILE_BYTES_MAX = ${ONNX_FILE_BYTES_MAX}`;
    const message = `${what} has ${bytes.length} bytes, more than ${limit}`;
    throw new TrainingError('limit-exceeded', message);
  }
  const model = new OnnxMessage('model', bytes, what);
  const graph = model.message('graph');
  if (graph === undefined) throw model.corrupt('a model has a graph, this one has none');
  const operatorSet = operatorSetOf(model);
  const nodes = graph.messages('node');
  if (nodes.length > NODES_MAX) {
    const message = `${what} has ${nodes.length} nodes, more than NODES_MAX = ${NODES_MAX}`;
    throw new TrainingError('limit-exceeded', message);
  }
  for (const node of nodes) checkNode(node);
  const initializers = graph.messages('initializer');
  for (const tensor of initializers) checkTensor(tensor);
  graph.messages('value_info');
  model.messages('metadata_props');
  return {
    operatorSet,
    inputs: graph.messages('input').map(foreignValue),
    outputs: graph.messages('output').map(foreignValue),
    nodes,
    initializers,
  };
}

function operatorSetOf(model: OnnxMessage): number {
  const sets = model.messages('opset_import');
  for (const set of sets) {
    if (isOwn(set.text('domain'))) continue;
    throw set.unsupported(`operators of "${set.text('domain')}"; only ONNX's own are taken`);
  }
  const version = sets[0]?.number('version') ?? 0;
  const { min, max } = OPERATOR_SETS;
  if (sets.length !== 1 || version < min || version > max) {
    const found = sets.map((set) => set.number('version') ?? 0).join(' and ') || 'none';
    throw model.unsupported(`operator set ${found}; export with one of ${min} … ${max}`);
  }
  return version;
}

function isOwn(domain: string): boolean {
  return domain === '' || domain === 'ai.onnx';
}

function checkNode(node: OnnxMessage): void {
  const [operator, domain] = [node.text('op_type'), node.text('domain')];
  if (!isOwn(domain)) {
    throw node.unsupported(`operator ${operator} of "${domain}"; only ONNX's own are taken`);
  }
  if (node.text('overload') !== '') throw node.unsupported(`${operator} is an overloaded function`);
  const reason = REFUSED_OPERATORS.get(operator);
  if (reason !== undefined) throw node.unsupported(`operator ${operator}: ${reason}`);
  for (const attribute of node.messages('attribute')) {
    const tensor = attribute.message('t');
    if (tensor !== undefined) checkTensor(tensor);
  }
  node.messages('metadata_props');
}

/** An embedded tensor's bytes are as many as its shape says. */
function checkTensor(tensor: OnnxMessage): void {
  const name = tensor.text('name');
  const type = ELEMENT_TYPES.get(tensor.number('data_type'));
  if (type === undefined) {
    const known = [...ELEMENT_TYPES.values()].map((one) => one.name).join(', ');
    throw tensor.unsupported(
      `tensor "${name}" is of type ${tensor.number('data_type')}, not ${known}`,
    );
  }
  const dims = tensor.numbers('dims');
  const bytes = dims.reduce((product, dim) => product * dim, type.bytes);
  if (!(bytes <= ONNX_FILE_BYTES_MAX)) {
    throw tensor.corrupt(`tensor "${name}" of [${dims.join(' × ')}] has ${bytes} bytes`);
  }
  if (tensor.has('raw_data') && tensor.sizeOf('raw_data') !== bytes) {
    const found = `${tensor.sizeOf('raw_data')} bytes of data`;
    throw tensor.corrupt(
      `tensor "${name}" of [${dims.join(' × ')}] needs ${bytes}, it has ${found}`,
    );
  }
  tensor.messages('metadata_props');
}

function foreignValue(value: OnnxMessage): ForeignValue {
  const name = value.text('name');
  value.messages('metadata_props');
  const tensor = value.message('type')?.message('tensor_type');
  const type = ELEMENT_TYPES.get(tensor?.number('elem_type'))?.name;
  const shape = tensor?.message('shape');
  if (type === undefined || shape === undefined) {
    throw value.unsupported(`"${name}" has no type or no shape; export it with both`);
  }
  const sizes = shape.messages('dim').map((dim, axis) => {
    const size = dim.number('dim_value');
    if (size !== undefined && size >= 1 && size <= ONNX_FILE_BYTES_MAX) return size;
    const found = dim.text('dim_param') || size || 'unknown';
    throw dim.unsupported(`axis ${axis} of "${name}" is ${found}; export it with a fixed size`);
  });
  return { name, type, shape: sizes };
}
