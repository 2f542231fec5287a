"""Exports one SGD step of a PyTorch model for `Trainer.fromOnnx`, or refuses to.

torch.onnx loses or scales the gradients of a traced backward pass on every other route, so this one
traces the step itself (make_fx), takes it apart into core operators, and compares what ONNX Runtime
makes of the file with PyTorch's own autograd, on samples that the trace has not seen, before the
files get their names.

    from export_training_step import export_training_step
    export_training_step(model, loss, x, y, "model")   # model.step.onnx, .predict.onnx, .json, .safetensors

`loss(outputs, y)` returns one number per sample: F.cross_entropy(..., reduction="none").
Needs torch, onnx, onnxscript, onnxruntime, numpy, safetensors; tried with torch 2.15, onnx 1.23,
onnxscript 0.7.
"""

import json
import os

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import numpy
import onnx
import onnxruntime
import torch
from safetensors.torch import save_file
from torch._decomp import core_aten_decompositions
from torch.fx.experimental.proxy_tensor import make_fx
from torch.nn.attention import SDPBackend, sdpa_kernel

FORMAT = "starling-training-step/1"
# Largest difference from eager, relative to the largest value of each array (at least 1).
TOLERANCE = 1e-5
STEPS_COMPARED = 3
OPSET = 18
SIZE_MAX = 2**28

aten = torch.ops.aten


class ExportRefused(Exception):
    """The step cannot be exported, or the file does not do what PyTorch does."""


def export_training_step(model, loss, x, y, path, *, vocabulary=None, seed=0):
    """Writes the files of one training step; raises ExportRefused and writes none that is wrong.

    x, y: one batch of examples; its size is the batch of the exported step.
    vocabulary: number of ids, for a model that takes ids (x of int64).
    Returns the largest difference from eager that was found.
    """
    check_model(model)
    model = model.train()
    names = [name for name, _ in model.named_parameters()]
    parameters = [value.detach().clone() for value in model.parameters()]
    manifest = manifest_of(model, names, parameters, x, y, vocabulary)
    weights = torch.full((x.shape[0],), 1.0 / x.shape[0])
    step = step_of(model, loss, names)
    arguments = (*parameters, x, y, weights, torch.tensor(0.1))
    predict = predict_of(model, names)
    step_file, predict_file = f"{path}.step.onnx.part", f"{path}.predict.onnx.part"
    try:
        write_graph(step, arguments, manifest["inputs"], manifest["outputs"], step_file)
        write_graph(predict, (*parameters, x), manifest["inputs"][: len(names) + 1], ["outputs"], predict_file)
        worst = compare(step_file, predict_file, model, loss, names, x, y, vocabulary, seed)
    except BaseException:
        for file in (step_file, predict_file):
            if os.path.exists(file):
                os.remove(file)
        raise
    os.replace(step_file, f"{path}.step.onnx")
    os.replace(predict_file, f"{path}.predict.onnx")
    save_file(dict(zip(names, [p.contiguous() for p in parameters])), f"{path}.safetensors")
    del manifest["inputs"], manifest["outputs"]
    with open(f"{path}.json", "w") as file:
        json.dump(manifest, file, indent=2)
    return worst


def check_model(model):
    for name, module in model.named_modules():
        if isinstance(module, torch.nn.modules.batchnorm._NormBase) and module.track_running_stats:
            raise ExportRefused(f"{name} keeps running statistics; use GroupNorm or LayerNorm")
        if isinstance(module, torch.nn.modules.dropout._DropoutNd) and module.p > 0:
            raise ExportRefused(f"{name} draws random numbers; set its p to 0")
    for name, value in model.named_parameters():
        if value.dtype != torch.float32 or not value.requires_grad:
            raise ExportRefused(f"parameter {name} is {value.dtype}, trained: {value.requires_grad}; only trained float32")


def manifest_of(model, names, parameters, x, y, vocabulary):
    if x.dtype not in (torch.float32, torch.int64) or y.dtype not in (torch.float32, torch.int64):
        raise ExportRefused(f"x is {x.dtype} and y is {y.dtype}; each is float32 or int64")
    if (x.dtype == torch.int64) != (vocabulary is not None):
        raise ExportRefused("vocabulary is the number of ids of a model that takes int64, and of no other")
    with torch.no_grad():
        output = model(x)
    inputs = [f"parameter_{i}" for i in range(len(names))]
    outputs = [f"{name}_next" for name in inputs]
    return {
        "format": FORMAT,
        "batch": x.shape[0],
        "parameters": [
            {"name": name, "shape": list(value.shape), "input": before, "output": after}
            for name, value, before, after in zip(names, parameters, inputs, outputs)
        ],
        "x": {
            "input": "x",
            "type": dtype_name(x),
            "shape": list(x.shape[1:]),
            **({"ids": vocabulary} if vocabulary is not None else {}),
        },
        "y": {"input": "y", "type": dtype_name(y), "shape": list(y.shape[1:])},
        "sampleWeights": "sample_weights",
        "learningRate": "learning_rate",
        "loss": "loss",
        "prediction": {"output": "outputs", "shape": list(output.shape[1:])},
        "inputs": [*inputs, "x", "y", "sample_weights", "learning_rate"],
        "outputs": [*outputs, "loss"],
    }


def dtype_name(value):
    return str(value.dtype).removeprefix("torch.")


def step_of(model, loss, names):
    def step(*arguments):
        parameters, (x, y, weights, rate) = arguments[:-4], arguments[-4:]

        def total(parameters):
            output = torch.func.functional_call(model, dict(zip(names, parameters)), (x,))
            losses = loss(output, y)
            if losses.shape != weights.shape:
                raise ExportRefused(f"loss returns {list(losses.shape)}; one number per sample: {list(weights.shape)}")
            return (losses * weights).sum()

        gradients, value = torch.func.grad_and_value(total)(tuple(parameters))
        return (*[p - rate * g for p, g in zip(parameters, gradients)], value)

    return step


def predict_of(model, names):
    def predict(*arguments):
        parameters, x = arguments[:-1], arguments[-1]
        return torch.func.functional_call(model, dict(zip(names, parameters)), (x,))

    return predict


def write_graph(function, arguments, inputs, outputs, path):
    # The fused attention kernels have no decomposition of their backward pass.
    with sdpa_kernel(SDPBackend.MATH):
        traced = make_fx(function, decomposition_table=decompositions())(*arguments)
    random = [str(n.target) for n in traced.graph.nodes if torch.Tag.nondeterministic_seeded in getattr(n.target, "tags", ())]
    if random:
        raise ExportRefused(f"the step draws random numbers: {', '.join(sorted(set(random)))}")
    program = torch.onnx.export(
        traced, arguments, dynamo=True, external_data=False, verbose=False,
        opset_version=OPSET, input_names=inputs, output_names=outputs,
    )
    graph = program.model_proto
    del graph.metadata_props[:]
    for part in (graph.graph.node, graph.graph.input, graph.graph.output, graph.graph.value_info, graph.graph.initializer):
        for item in part:
            del item.metadata_props[:]
            item.doc_string = ""
    del graph.graph.value_info[:]
    if graph.functions:
        graph = onnx.inliner.inline_local_functions(graph)
    graph = without_unused_opsets(graph)
    onnx.checker.check_model(graph)
    found = [value.name for value in graph.graph.input]
    if found != list(inputs):
        raise ExportRefused(f"the graph takes {found}, not {list(inputs)}: the step does not use them all")
    content = graph.SerializeToString()
    if len(content) > SIZE_MAX:
        raise ExportRefused(f"the file has {len(content)} bytes; at most {SIZE_MAX}")
    with open(path, "wb") as file:
        file.write(content)


def without_unused_opsets(graph):
    used = {node.domain for node in graph.graph.node}
    if used - {"", "ai.onnx"}:
        raise ExportRefused(f"the graph uses operators of {sorted(used)}; only ONNX's own")
    kept = [o for o in graph.opset_import if o.domain in ("", "ai.onnx")]
    del graph.opset_import[:]
    graph.opset_import.extend(kept)
    return graph


def decompositions():
    return {
        **core_aten_decompositions(),
        aten.convolution_backward.default: convolution_backward,
        aten.max_pool2d_with_indices_backward.default: max_pool_backward,
    }


def convolution_backward(dy, x, w, bias_sizes, stride, padding, dilation, transposed, output_padding, groups, mask):
    """dX is a transposed convolution; dW a convolution with the axes of batch and channel swapped."""
    if transposed or any(output_padding):
        raise ExportRefused("transposed convolutions have no gradient here")
    dx = dw = db = None
    spatial = range(2, x.dim())
    span = [x.shape[a] + 2 * padding[a - 2] - dilation[a - 2] * (w.shape[a] - 1) - 1 for a in spatial]
    rest = [span[i] % stride[i] for i in range(len(span))]
    if mask[0]:
        dx = aten.convolution.default(dy, w, None, stride, padding, dilation, True, rest, groups)
    if mask[1]:
        parts = []
        for xg, dyg in zip(x.chunk(groups, 1), dy.chunk(groups, 1)):
            # Stride and dilation change places.
            part = aten.convolution.default(
                xg.transpose(0, 1), dyg.transpose(0, 1), None, dilation, padding, stride, False, [0] * len(span), 1
            ).transpose(0, 1)
            for i, axis in enumerate(spatial):
                part = part.narrow(axis, 0, w.shape[axis])
            parts.append(part)
        dw = parts[0] if groups == 1 else torch.cat(parts, 0)
    if mask[2]:
        db = dy.sum([0, *spatial])
    return dx, dw, db


def max_pool_backward(dy, x, kernel, stride, padding, dilation, ceil_mode, indices):
    flat = torch.zeros_like(x).flatten(2)
    return flat.scatter_add(2, indices.flatten(2), dy.flatten(2)).view_as(x)


def compare(step_file, predict_file, model, loss, names, x, y, vocabulary, seed):
    """The largest difference over some steps on fresh samples, the last batch partial."""
    step, predict = session(step_file), session(predict_file)
    generator = torch.Generator().manual_seed(seed)
    parameters = [value.detach().clone().requires_grad_() for value in model.parameters()]
    ours = [value.detach().numpy() for value in parameters]
    worst = 0.0
    for index in range(STEPS_COMPARED):
        batch = x.shape[0] if index < STEPS_COMPARED - 1 else max(1, x.shape[0] - 1)
        rate = 0.05 * (index + 1)
        xs, ys = fresh(x, vocabulary, generator), y[torch.randperm(len(y), generator=generator)]
        weights = torch.tensor([1 / batch] * batch + [0.0] * (x.shape[0] - batch))
        output = torch.func.functional_call(model, dict(zip(names, parameters)), (xs,))
        predicted = run(predict, [*ours, xs.numpy()])
        value = loss(output[:batch], ys[:batch]).mean()
        gradients = torch.autograd.grad(value, parameters, allow_unused=True)
        if any(g is None for g in gradients):
            raise ExportRefused(f"the loss does not depend on {names[[g is None for g in gradients].index(True)]}")
        parameters = [(p - rate * g).detach().requires_grad_() for p, g in zip(parameters, gradients)]
        *ours, mine = run(step, [*ours, xs.numpy(), ys.numpy(), weights.numpy(), numpy.array(rate, numpy.float32)])
        expected = [p.detach().numpy() for p in parameters] + [value.detach().numpy(), output.detach().numpy()]
        for what, a, b in zip([*names, "the loss", "the outputs"], expected, [*ours, mine, predicted[0]]):
            difference = float(numpy.abs(a - b).max() / max(1.0, numpy.abs(a).max())) if a.size else 0.0
            worst = max(worst, difference)
            if not difference <= TOLERANCE:
                raise ExportRefused(f"step {index}: {what} differs from PyTorch by {difference:.2g}, more than {TOLERANCE}")
    return worst


def fresh(x, vocabulary, generator):
    if vocabulary is not None:
        return torch.randint(0, vocabulary, x.shape, generator=generator)
    return torch.randn(x.shape, generator=generator) * (x.std() + 1e-3) + x.mean()


def session(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def run(session, arrays):
    return session.run(None, dict(zip([i.name for i in session.get_inputs()], arrays)))
