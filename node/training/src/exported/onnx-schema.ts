// The fields of onnx.proto3 that a foreign graph may have, and why it may not have the others. What
// is listed nowhere is refused: a parser that knows more than we do would read another model.

export type MessageName =
  | 'model'
  | 'opset'
  | 'graph'
  | 'node'
  | 'attribute'
  | 'tensor'
  | 'value'
  | 'type'
  | 'tensorType'
  | 'shape'
  | 'dimension'
  | 'annotation';

export type FieldKind =
  | 'varint'
  | 'varints'
  | 'fixed32'
  | 'fixed32s'
  | 'fixed64s'
  | 'text'
  | 'bytes';

export type FieldRule =
  | { readonly name: string; readonly kind: FieldKind; readonly isRepeated?: boolean }
  | { readonly name: string; readonly message: MessageName; readonly isRepeated?: boolean }
  | { readonly name: string; readonly refusal: string };

type Schema = Readonly<Record<number, FieldRule>>;

const documentation = { name: 'doc_string', kind: 'text' } as const;
const metadata = { name: 'metadata_props', message: 'annotation', isRepeated: true } as const;
const SUBGRAPHS = 'graphs within graphs (Loop, If, Scan) are not taken';
const SPARSE = 'sparse tensors are not taken';

export const ONNX_SCHEMA: Readonly<Record<MessageName, Schema>> = {
  model: {
    1: { name: 'ir_version', kind: 'varint' },
    2: { name: 'producer_name', kind: 'text' },
    3: { name: 'producer_version', kind: 'text' },
    4: { name: 'domain', kind: 'text' },
    5: { name: 'model_version', kind: 'varint' },
    6: documentation,
    7: { name: 'graph', message: 'graph' },
    8: { name: 'opset_import', message: 'opset', isRepeated: true },
    14: metadata,
    20: { name: 'training_info', refusal: 'export one graph that is the step' },
    25: { name: 'functions', refusal: 'functions are not taken; inline them' },
    26: { name: 'configuration', refusal: 'devices are not chosen by a model' },
  },
  opset: {
    1: { name: 'domain', kind: 'text' },
    2: { name: 'version', kind: 'varint' },
  },
  graph: {
    1: { name: 'node', message: 'node', isRepeated: true },
    2: { name: 'name', kind: 'text' },
    5: { name: 'initializer', message: 'tensor', isRepeated: true },
    10: documentation,
    11: { name: 'input', message: 'value', isRepeated: true },
    12: { name: 'output', message: 'value', isRepeated: true },
    13: { name: 'value_info', message: 'value', isRepeated: true },
    14: { name: 'quantization_annotation', refusal: 'quantised models are not trained' },
    15: { name: 'sparse_initializer', refusal: SPARSE },
    16: metadata,
  },
  node: {
    1: { name: 'input', kind: 'text', isRepeated: true },
    2: { name: 'output', kind: 'text', isRepeated: true },
    3: { name: 'name', kind: 'text' },
    4: { name: 'op_type', kind: 'text' },
    5: { name: 'attribute', message: 'attribute', isRepeated: true },
    6: documentation,
    7: { name: 'domain', kind: 'text' },
    8: { name: 'overload', kind: 'text' },
    9: metadata,
    10: { name: 'device_configurations', refusal: 'devices are not chosen by a model' },
  },
  attribute: {
    1: { name: 'name', kind: 'text' },
    2: { name: 'f', kind: 'fixed32' },
    3: { name: 'i', kind: 'varint' },
    4: { name: 's', kind: 'bytes' },
    5: { name: 't', message: 'tensor' },
    6: { name: 'g', refusal: SUBGRAPHS },
    7: { name: 'floats', kind: 'fixed32s' },
    8: { name: 'ints', kind: 'varints' },
    9: { name: 'strings', kind: 'bytes', isRepeated: true },
    10: { name: 'tensors', refusal: 'lists of tensors are not taken' },
    11: { name: 'graphs', refusal: SUBGRAPHS },
    13: documentation,
    14: { name: 'tp', refusal: 'types as attributes are not taken' },
    15: { name: 'type_protos', refusal: 'types as attributes are not taken' },
    20: { name: 'type', kind: 'varint' },
    21: { name: 'ref_attr_name', refusal: 'functions are not taken; inline them' },
    22: { name: 'sparse_tensor', refusal: SPARSE },
    23: { name: 'sparse_tensors', refusal: SPARSE },
  },
  tensor: {
    1: { name: 'dims', kind: 'varints' },
    2: { name: 'data_type', kind: 'varint' },
    3: { name: 'segment', refusal: 'segments are not taken' },
    4: { name: 'float_data', kind: 'fixed32s' },
    5: { name: 'int32_data', kind: 'varints' },
    6: { name: 'string_data', refusal: 'texts are not trained' },
    7: { name: 'int64_data', kind: 'varints' },
    8: { name: 'name', kind: 'text' },
    9: { name: 'raw_data', kind: 'bytes' },
    10: { name: 'double_data', kind: 'fixed64s' },
    11: { name: 'uint64_data', kind: 'varints' },
    12: documentation,
    13: { name: 'external_data', refusal: 'a model may not name files; embed its tensors' },
    14: { name: 'data_location', refusal: 'a model may not name files; embed its tensors' },
    16: metadata,
  },
  value: {
    1: { name: 'name', kind: 'text' },
    2: { name: 'type', message: 'type' },
    3: documentation,
    4: metadata,
  },
  type: {
    1: { name: 'tensor_type', message: 'tensorType' },
    4: { name: 'sequence_type', refusal: 'only tensors are taken' },
    5: { name: 'map_type', refusal: 'only tensors are taken' },
    6: { name: 'denotation', kind: 'text' },
    8: { name: 'sparse_tensor_type', refusal: SPARSE },
    9: { name: 'optional_type', refusal: 'only tensors are taken' },
  },
  tensorType: {
    1: { name: 'elem_type', kind: 'varint' },
    2: { name: 'shape', message: 'shape' },
  },
  shape: { 1: { name: 'dim', message: 'dimension', isRepeated: true } },
  dimension: {
    1: { name: 'dim_value', kind: 'varint' },
    2: { name: 'dim_param', kind: 'text' },
    3: { name: 'denotation', kind: 'text' },
  },
  annotation: {
    1: { name: 'key', kind: 'text' },
    2: { name: 'value', kind: 'text' },
  },
};
