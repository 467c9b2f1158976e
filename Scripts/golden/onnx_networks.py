"""Golden data of ONNX's operators of networks, by onnxruntime: what its own test cases leave out."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

GOLDEN = Path(__file__).resolve().parents[2] / "Tests" / "Golden" / "onnx_networks"
random = np.random.default_rng(7)


def numbers(*shape, scale=1.0):
    return (scale * random.standard_normal(shape)).astype("float32")


def positive(*shape):
    return (0.5 + random.random(shape)).astype("float32")


def case(name, operator, inputs, outputs=1, opset=22, weights=(), **attributes):
    """A graph of one node; the inputs whose places are in `weights` are in the file."""
    names = [None if value is None else f"x{index}" for index, value in enumerate(inputs)]
    results = [f"y{index}" for index in range(outputs)]
    node = helper.make_node(operator, [n or "" for n in names], results, **attributes)
    given = {n: value for n, value in zip(names, inputs) if n}
    stored = {f"x{index}" for index in weights}
    ports = [
        helper.make_tensor_value_info(
            n, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape)
        for n, value in given.items() if n not in stored
    ]
    graph = helper.make_graph(
        [node], name, ports, [helper.make_tensor_value_info(r, TensorProto.UNDEFINED, None)
                              for r in results],
        [numpy_helper.from_array(given[n], n) for n in sorted(stored)])
    for output in graph.output:
        output.ClearField("type")
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    data = model.SerializeToString()
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    feeds = {n: value for n, value in given.items() if n not in stored}
    return data, feeds, session.run(None, feeds)


def recurrent(operator, gates, units=3, size=2, time=4, batch=3, directions=1, states=0, lengths=None,
              peepholes=False, **attributes):
    initial = [numbers(directions, batch, units) for _ in range(states)]
    inputs = [
        numbers(time, batch, size), numbers(directions, gates * units, size),
        numbers(directions, gates * units, units), numbers(directions, 2 * gates * units),
        None if lengths is None else np.array(lengths, "int32"), *initial,
    ]
    if peepholes:
        inputs += [None] * (7 - len(inputs)) + [numbers(directions, 3 * units)]
    if directions == 2:
        attributes["direction"] = "bidirectional"
    return dict(operator=operator, inputs=inputs, outputs=3 if operator == "LSTM" else 2,
                weights=(1, 2, 3), hidden_size=units, **attributes)


def operators():
    yield "lstm_peepholes", recurrent("LSTM", 4, peepholes=True, states=2)
    yield "lstm_clip", recurrent("LSTM", 4, clip=0.4)
    yield "lstm_input_forget", recurrent("LSTM", 4, input_forget=1)
    yield "lstm_lengths", recurrent("LSTM", 4, directions=2, states=2, lengths=[2, 4, 1])
    yield "lstm_reverse", recurrent("LSTM", 4, direction="reverse", lengths=[4, 3, 2])
    yield "lstm_activations", recurrent(
        "LSTM", 4, directions=2, lengths=[3, 1, 4], states=1,
        activations=["HardSigmoid", "LeakyRelu", "Tanh", "Sigmoid", "Affine", "Softsign"],
        activation_alpha=[0.3, 0.05, 0.5], activation_beta=[0.4, 0.1])
    yield "gru", recurrent("GRU", 3, directions=2, states=1, lengths=[2, 4, 1])
    yield "gru_linear", recurrent(
        "GRU", 3, directions=2, states=1, lengths=[2, 4, 3], linear_before_reset=1)
    yield "gru_reverse", recurrent("GRU", 3, direction="reverse", linear_before_reset=1)
    yield "gru_clip", recurrent("GRU", 3, clip=0.3, linear_before_reset=1)
    yield "rnn", recurrent("RNN", 1, directions=2, states=1, lengths=[4, 1, 2])
    yield "rnn_activations", recurrent(
        "RNN", 1, directions=2, activations=["Relu", "ScaledTanh"], activation_alpha=[0.7],
        activation_beta=[1.5])

    image = numbers(2, 4, 9, 8)
    kernel = numbers(6, 2, 3, 3, scale=0.4)
    for padding in ("SAME_UPPER", "SAME_LOWER", "VALID"):
        yield f"conv_{padding.lower()}", dict(
            operator="Conv", inputs=[image, kernel, numbers(6)], weights=(1, 2), group=2,
            strides=[2, 3], auto_pad=padding)
    yield "conv_pads", dict(
        operator="Conv", inputs=[image, kernel], weights=(1,), group=2, dilations=[2, 1],
        pads=[3, 0, 1, 2])
    yield "conv_1d", dict(
        operator="Conv", inputs=[numbers(2, 3, 11), numbers(3, 1, 4)], weights=(1,), group=3,
        pads=[3, 0], dilations=[2], strides=[2])
    yield "conv_3d", dict(
        operator="Conv", inputs=[numbers(1, 2, 5, 6, 4), numbers(4, 2, 2, 3, 2, scale=0.4)],
        weights=(1,), strides=[1, 2, 1], pads=[0, 1, 1, 1, 0, 0])
    spread = numbers(4, 3, 3, 2, scale=0.4)
    yield "convtranspose", dict(
        operator="ConvTranspose", inputs=[image, spread, numbers(6)], weights=(1, 2), group=2,
        strides=[2, 3], pads=[1, 0, 2, 1], output_padding=[1, 2])
    yield "convtranspose_dilated", dict(
        operator="ConvTranspose", inputs=[image, spread], weights=(1,), dilations=[2, 3])
    for padding in ("SAME_UPPER", "SAME_LOWER"):
        yield f"convtranspose_{padding.lower()}", dict(
            operator="ConvTranspose", inputs=[image, spread], weights=(1,), auto_pad=padding,
            strides=[2, 2])
    yield "convtranspose_shape", dict(
        operator="ConvTranspose", inputs=[image, spread], weights=(1,), strides=[2, 3],
        output_shape=[17, 22])
    yield "convtranspose_1d", dict(
        operator="ConvTranspose", inputs=[numbers(2, 3, 5), numbers(3, 2, 4)], weights=(1,),
        strides=[3], pads=[1, 2])

    ceiling = dict(ceil_mode=1, kernel_shape=[3, 2], strides=[3, 3], pads=[1, 0, 1, 1])
    yield "averagepool_ceil", dict(operator="AveragePool", inputs=[image], **ceiling)
    yield "averagepool_ceil_pads", dict(
        operator="AveragePool", inputs=[image], count_include_pad=1, **ceiling)
    yield "averagepool_3d", dict(
        operator="AveragePool", inputs=[numbers(1, 2, 5, 6, 4)], kernel_shape=[2, 3, 2],
        dilations=[2, 1, 3], opset=19)
    yield "averagepool_same_lower", dict(
        operator="AveragePool", inputs=[image], kernel_shape=[4, 3], strides=[2, 3],
        auto_pad="SAME_LOWER", count_include_pad=1)
    for order in (0, 1):
        yield f"maxpool_indices_{order}", dict(
            operator="MaxPool", inputs=[image], outputs=2, kernel_shape=[3, 2], strides=[2, 1],
            pads=[1, 1, 0, 1], dilations=[2, 3], storage_order=order)
    yield "maxpool_3d", dict(
        operator="MaxPool", inputs=[numbers(2, 2, 5, 6, 4)], outputs=2, kernel_shape=[2, 3, 2],
        strides=[2, 2, 1])
    yield "maxpool_ceil", dict(operator="MaxPool", inputs=[image], **ceiling)
    yield "maxpool_1d", dict(
        operator="MaxPool", inputs=[numbers(2, 3, 10)], kernel_shape=[3], strides=[3], ceil_mode=1)
    yield "lppool", dict(
        operator="LpPool", inputs=[image], kernel_shape=[3, 2], strides=[2, 2], p=3,
        pads=[1, 0, 1, 1], opset=18)
    yield "globallppool", dict(operator="GlobalLpPool", inputs=[image], p=3, opset=2)
    pooled = np.array([[[[1.5, 2], [3, 4]]]], "float32")
    places = np.array([[[[5, 7], [13, 15]]]])
    yield "maxunpool_shape", dict(
        operator="MaxUnpool", inputs=[pooled, places, np.array([1, 1, 4, 4])], kernel_shape=[2, 2],
        strides=[2, 2])

    regions = np.array(
        [[0, 0, 0, 7, 8], [1, 2, 3, 6, 4], [0, 5, 5, 5, 5], [1, 3.4, 1.2, 9.6, 6.8]], "float32")
    yield "maxroipool", dict(
        operator="MaxRoiPool", inputs=[image, regions], pooled_shape=[3, 2], spatial_scale=0.75,
        opset=11)
    boxes = dict(
        operator="RoiAlign", inputs=[image, regions[:, 1:].copy(), regions[:, 0].astype("int64")],
        output_height=2, output_width=3, weights=(1,))
    yield "roialign_adaptive", dict(boxes, opset=16, spatial_scale=1.25)
    yield "roialign_old", dict(boxes, opset=10, sampling_ratio=2)
    yield "roialign_max", dict(boxes, opset=16, sampling_ratio=2, mode="max")

    yield "batchnorm_old", dict(
        operator="BatchNormalization", opset=8, weights=(1, 2, 3, 4), epsilon=1e-3,
        inputs=[numbers(3, 4), positive(4), numbers(4), numbers(4), positive(4)])
    yield "instancenorm_1d", dict(
        operator="InstanceNormalization", inputs=[numbers(2, 3, 7), positive(3), numbers(3)],
        weights=(1, 2), epsilon=1e-3)
    yield "lrn", dict(
        operator="LRN", inputs=[numbers(1, 6, 3, 2)], size=5, alpha=0.4, beta=0.6, bias=1.5)
    yield "layernorm", dict(
        operator="LayerNormalization", inputs=[image, positive(9, 8), numbers(9, 8)], outputs=3,
        weights=(1, 2), axis=2)
    yield "mvn", dict(operator="MeanVarianceNormalization", inputs=[image], axes=[0, 2], opset=13)
    yield "lpnorm", dict(operator="LpNormalization", inputs=[image], axis=1, p=1)
    yield "prelu", dict(
        operator="PRelu", inputs=[image, numbers(4, 1, 1)], weights=(1,))
    for axis in (0, 1, 2, 3):
        yield f"softmax_old_{axis}", dict(
            operator="Softmax", inputs=[numbers(2, 3, 2, 4)], opset=11, axis=axis)
    yield "hardmax_old", dict(operator="Hardmax", inputs=[numbers(2, 3, 4)], opset=11, axis=1)
    yield "logsoftmax", dict(operator="LogSoftmax", inputs=[numbers(2, 3, 4)], axis=0)

    small = numbers(1, 2, 4, 3)
    scales = np.array([1, 1, 1.7, 2.5], "float32")
    yield "upsample_linear", dict(
        operator="Upsample", opset=9, mode="linear",
        inputs=[small, np.array([1, 1, 2, 3], "float32")], weights=(1,))
    yield "resize_10", dict(
        operator="Resize", opset=10, mode="linear", inputs=[small, scales], weights=(1,))
    yield "resize_10_nearest", dict(operator="Resize", opset=10, inputs=[small, scales], weights=(1,))
    for mode in ("asymmetric", "align_corners", "pytorch_half_pixel", "half_pixel_symmetric"):
        for kind in ("linear", "cubic"):
            yield f"resize_{kind}_{mode}", dict(
                operator="Resize", opset=19, mode=kind, coordinate_transformation_mode=mode,
                weights=(3,), inputs=[small, None, None, np.array([1, 2, 7, 2])])
    for rule in ("floor", "ceil", "round_prefer_floor", "round_prefer_ceil"):
        yield f"resize_{rule}", dict(
            operator="Resize", opset=19, mode="nearest", nearest_mode=rule, weights=(2,),
            inputs=[small, None, scales])
    yield "resize_antialias", dict(
        operator="Resize", opset=19, mode="linear", antialias=1, weights=(3,),
        inputs=[numbers(1, 1, 40, 6), None, None, np.array([1, 1, 3, 4])])

    grid = (1.3 * (2 * random.random((2, 3, 5, 2)) - 1)).astype("float32")
    for padding in ("zeros", "border", "reflection"):
        for mode in ("linear", "nearest", "cubic"):
            for aligned in (0, 1):
                yield f"gridsample_{padding}_{mode}_{aligned}", dict(
                    operator="GridSample", opset=20, inputs=[numbers(2, 2, 4, 5), grid], mode=mode,
                    padding_mode=padding, align_corners=aligned)
    cube = (1.3 * (2 * random.random((1, 2, 3, 2, 3)) - 1)).astype("float32")
    for padding in ("zeros", "border", "reflection"):
        yield f"gridsample_3d_{padding}", dict(
            operator="GridSample", opset=20, inputs=[numbers(1, 2, 3, 4, 3), cube], mode="linear",
            padding_mode=padding)


def main():
    arrays = {}
    for name, settings in operators():
        try:
            data, inputs, outputs = case(name, **settings)
        except Exception as error:
            raise SystemExit(f"{name}: {error}")
        arrays[f"{name}.model"] = np.frombuffer(data, "uint8")
        for index, value in enumerate(inputs.values()):
            arrays[f"{name}.input.{index}"] = value
        for index, value in enumerate(outputs):
            arrays[f"{name}.output.{index}"] = value
    GOLDEN.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(GOLDEN / "cases.npz", **arrays)
    print(sum(key.endswith(".model") for key in arrays), "cases")


main()
