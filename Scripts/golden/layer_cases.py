"""The layers, configurations and inputs of the layer family."""

from common import keras, np

L = keras.layers


def normal(*shape, scale=1.0):
    return lambda random: (scale * random.standard_normal(shape)).astype("float32")


def integers(high, *shape):
    return lambda random: random.integers(0, high, shape).astype("int32")


def constant(value, dtype):
    return lambda random: np.array(value, dtype)


def boolean(value):
    return constant(value, bool)


T, F = True, False
MASKS = {
    "right_padded": [[T, T, T, T, T], [T, T, T, F, F], [T, F, F, F, F]],
    "left_padded": [[T, T, T, T, T], [F, F, T, T, T], [F, F, F, F, T]],
    "holes": [[T, F, T, T, F], [F, T, F, F, T], [T, T, F, T, T]],
    "all_padding": [[T, T, T, T, F], [F, F, F, F, F], [T, T, T, F, F]],
}


def case(name, layer, *inputs, **rest):
    return {"name": name, "layer": layer, "inputs": list(inputs), **rest}


def cases():
    return [*core(), *activations(), *shapes(), *convolutions(), *poolings(), *normalizations(),
            *sequences(), *recurrent(), *bidirectional(), *attention(), *merging()]


def core():
    dense = [
        ("dense", {}, normal(3, 5)),
        ("dense_no_bias", {"use_bias": False}, normal(3, 5)),
        ("dense_relu", {"activation": "relu"}, normal(3, 5)),
        ("dense_softmax", {"activation": "softmax"}, normal(3, 5)),
        ("dense_gelu", {"activation": "gelu"}, normal(3, 5)),
        ("dense_one_sample", {"activation": "tanh"}, normal(1, 5)),
        ("dense_rank_3", {}, normal(2, 3, 5)),
        ("dense_rank_4_sigmoid", {"activation": "sigmoid"}, normal(2, 3, 2, 5)),
    ]
    for name, settings, x in dense:
        yield case(name, lambda s=settings: L.Dense(4, **s), x)
    yield case("dropout_inference", lambda: L.Dropout(0.5), normal(3, 5))
    yield case("dropout_rate_zero_training", lambda: L.Dropout(0.0), normal(3, 5), training=True)
    yield case("rescaling", lambda: L.Rescaling(1 / 255), normal(2, 3, 3, 1, scale=100))
    yield case("rescaling_offset", lambda: L.Rescaling(2.0, offset=-1.0), normal(2, 4))
    yield case("rescaling_per_channel", lambda: L.Rescaling([2.0, 0.5, 3.0], offset=[1.0, 0.0,
                                                                                     -1.0]),
               normal(2, 2, 2, 3))
    yield case("rescaling_integers", lambda: L.Rescaling(1 / 255), integers(256, 2, 3, 3, 1))
    yield case("relu_layer", lambda: L.ReLU(max_value=1.5, negative_slope=0.1, threshold=0.2),
               normal(4, 6, scale=2))
    yield case("leaky_relu_layer", lambda: L.LeakyReLU(negative_slope=0.2), normal(4, 6))
    yield case("elu_layer", lambda: L.ELU(alpha=0.7), normal(4, 6))
    yield case("softmax_layer", lambda: L.Softmax(), normal(3, 6))
    yield case("softmax_layer_axis_1", lambda: L.Softmax(axis=1), normal(2, 4, 3))
    yield case("identity", lambda: L.Identity(), normal(2, 3))


ACTIVATIONS = """celu elu exponential gelu glu hard_shrink hard_sigmoid hard_silu hard_tanh
leaky_relu linear log_sigmoid log_softmax mish relu relu6 selu sigmoid silu soft_shrink softmax
softplus softsign sparse_plus sparse_sigmoid sparsemax squareplus tanh tanh_shrink""".split()


def activations():
    for name in ACTIVATIONS:
        yield case(f"activation_{name}", lambda n=name: L.Activation(n), normal(4, 12, scale=2.5))
    # Values at which a careless formula overflows, underflows or cancels.
    extremes = constant([[-100, -30, -1e-4, 0.5, 1e-4, 30, 88, 100]], "float32")
    for name in ("sigmoid", "log_sigmoid", "softplus", "tanh", "silu", "gelu", "mish", "elu",
                 "selu", "softmax", "log_softmax", "squareplus"):
        yield case(f"activation_{name}_extremes", lambda n=name: L.Activation(n), extremes)
    yield case("activation_softmax_rank_3", lambda: L.Activation("softmax"), normal(2, 3, 4))


def shapes():
    yield case("flatten", lambda: L.Flatten(), normal(2, 3, 4, 2))
    yield case("flatten_vector", lambda: L.Flatten(), normal(3))
    yield case("flatten_matrix", lambda: L.Flatten(), normal(3, 4))
    yield case("flatten_channels_first", lambda: L.Flatten(data_format="channels_first"),
               normal(2, 3, 4, 2))
    yield case("reshape", lambda: L.Reshape((4, 3)), normal(2, 12))
    yield case("reshape_inferred", lambda: L.Reshape((-1, 2, 2)), normal(2, 3, 4))
    yield case("permute", lambda: L.Permute((2, 1)), normal(2, 3, 4))
    yield case("permute_rank_4", lambda: L.Permute((3, 1, 2)), normal(2, 3, 4, 5))
    yield case("repeat_vector", lambda: L.RepeatVector(3), normal(2, 4))
    yield case("zero_padding_2d", lambda: L.ZeroPadding2D(((1, 0), (2, 1))), normal(2, 3, 3, 2))
    yield case("up_sampling_2d", lambda: L.UpSampling2D((2, 3)), normal(2, 2, 3, 2))


def convolutions():
    one = [
        ("conv1d", dict(filters=4, kernel_size=3), (2, 8, 3)),
        ("conv1d_same", dict(filters=4, kernel_size=3, padding="same", activation="relu"),
         (2, 8, 3)),
        ("conv1d_same_even_kernel", dict(filters=4, kernel_size=4, padding="same"), (2, 7, 3)),
        ("conv1d_same_strides", dict(filters=4, kernel_size=3, strides=2, padding="same"),
         (2, 8, 3)),
        ("conv1d_same_strides_odd", dict(filters=4, kernel_size=3, strides=2, padding="same"),
         (2, 7, 3)),
        ("conv1d_valid_strides_remainder", dict(filters=4, kernel_size=3, strides=3), (2, 10, 3)),
        ("conv1d_causal", dict(filters=4, kernel_size=3, padding="causal"), (2, 8, 3)),
        ("conv1d_causal_dilated", dict(filters=4, kernel_size=3, padding="causal", dilation_rate=2),
         (2, 9, 3)),
        ("conv1d_causal_strides", dict(filters=4, kernel_size=4, padding="causal", strides=2),
         (2, 9, 3)),
        ("conv1d_dilated", dict(filters=4, kernel_size=3, dilation_rate=2), (2, 9, 3)),
        ("conv1d_same_dilated", dict(filters=4, kernel_size=3, padding="same", dilation_rate=3),
         (2, 8, 3)),
        ("conv1d_groups", dict(filters=4, kernel_size=3, groups=2), (2, 8, 6)),
        ("conv1d_no_bias", dict(filters=4, kernel_size=2, use_bias=False), (2, 6, 3)),
        ("conv1d_wide_kernel_same", dict(filters=2, kernel_size=9, padding="same"), (2, 4, 3)),
        ("conv1d_kernel_one", dict(filters=4, kernel_size=1, activation="tanh"), (2, 5, 3)),
    ]
    for name, settings, shape in one:
        yield case(name, lambda s=settings: L.Conv1D(**s), normal(*shape))
    two = [
        ("conv2d", dict(filters=4, kernel_size=3), (2, 6, 6, 3)),
        ("conv2d_relu", dict(filters=4, kernel_size=3, activation="relu"), (2, 6, 6, 3)),
        ("conv2d_no_bias", dict(filters=4, kernel_size=3, use_bias=False), (2, 6, 6, 3)),
        ("conv2d_same", dict(filters=4, kernel_size=3, padding="same"), (2, 5, 7, 3)),
        ("conv2d_same_even_kernel", dict(filters=4, kernel_size=(2, 4), padding="same"),
         (2, 5, 6, 3)),
        ("conv2d_strides", dict(filters=4, kernel_size=3, strides=2), (2, 8, 7, 3)),
        ("conv2d_same_strides_even", dict(filters=4, kernel_size=3, strides=2, padding="same"),
         (2, 6, 8, 3)),
        ("conv2d_same_strides_odd", dict(filters=4, kernel_size=3, strides=2, padding="same"),
         (2, 7, 5, 3)),
        ("conv2d_same_strides_mixed", dict(filters=4, kernel_size=(3, 2), strides=(2, 3),
                                           padding="same"),
         (2, 7, 8, 3)),
        ("conv2d_same_strides_over_kernel", dict(filters=4, kernel_size=1, strides=2,
                                                 padding="same"),
         (2, 5, 6, 3)),
        ("conv2d_dilated", dict(filters=4, kernel_size=3, dilation_rate=2), (2, 8, 7, 3)),
        ("conv2d_same_dilated", dict(filters=4, kernel_size=3, dilation_rate=(1, 2),
                                     padding="same"),
         (2, 6, 6, 3)),
        ("conv2d_groups", dict(filters=6, kernel_size=3, groups=3), (2, 5, 5, 6)),
        ("conv2d_depthwise_groups", dict(filters=8, kernel_size=3, groups=4, padding="same"),
         (2, 4, 4, 4)),
        ("conv2d_wide_kernel_same", dict(filters=2, kernel_size=7, padding="same"), (2, 3, 4, 2)),
        ("conv2d_one_pixel", dict(filters=3, kernel_size=3, padding="same"), (2, 1, 1, 2)),
        ("conv2d_kernel_one", dict(filters=4, kernel_size=1), (2, 3, 4, 5)),
        ("conv2d_rectangular", dict(filters=3, kernel_size=(1, 3)), (1, 4, 6, 2)),
        ("conv2d_one_channel", dict(filters=5, kernel_size=5, activation="relu"), (1, 9, 9, 1)),
    ]
    for name, settings, shape in two:
        yield case(name, lambda s=settings: L.Conv2D(**s), normal(*shape))


def poolings():
    settings = [
        ("default", {}, 8), ("odd", {}, 7), ("same_odd", {"padding": "same"}, 7),
        ("overlapping", {"pool_size": 3, "strides": 2}, 8),
        ("same_overlapping", {"pool_size": 3, "strides": 2, "padding": "same"}, 8),
        ("same_strides_one", {"pool_size": 3, "strides": 1, "padding": "same"}, 6),
        ("gaps", {"pool_size": 2, "strides": 3}, 9),
        ("same_gaps", {"pool_size": 2, "strides": 3, "padding": "same"}, 8),
    ]
    for kind in ("Max", "Average"):
        for rank in (1, 2):
            layer = getattr(L, f"{kind}Pooling{rank}D")
            for name, rest, length in settings:
                rest = {"pool_size": 2, **rest}
                shape = (2, length, 3) if rank == 1 else (2, length, length - 1, 3)
                yield case(f"{kind.lower()}_pooling_{rank}d_{name}",
                           lambda l=layer, r=rest: l(**r), normal(*shape))
        yield case(f"{kind.lower()}_pooling_2d_rectangular",
                   lambda l=getattr(L, f"{kind}Pooling2D"): l((2, 3), strides=(1, 2),
                                                              padding="same"),
                   normal(2, 5, 6, 2))
        for rank in (1, 2):
            layer = getattr(L, f"Global{kind}Pooling{rank}D")
            shape = (2, 5, 3) if rank == 1 else (2, 4, 5, 3)
            for keep in (False, True):
                yield case(f"global_{kind.lower()}_pooling_{rank}d{'_keepdims' if keep else ''}",
                           lambda l=layer, k=keep: l(keepdims=k), normal(*shape))
    yield case("max_pooling_2d_ties", lambda: L.MaxPooling2D(2), integers_as_floats(2, 2, 4, 4, 2))
    yield case("global_max_pooling_1d_ties", lambda: L.GlobalMaxPooling1D(),
               integers_as_floats(2, 2, 5, 3))
    # A sample that is all padding has the mean 0/0, so that mask is left out.
    for name in ("right_padded", "holes"):
        yield case(f"global_average_pooling_1d_mask_{name}", lambda: L.GlobalAveragePooling1D(),
                   normal(3, 5, 4), arrays={"mask": boolean(MASKS[name])})


def integers_as_floats(high, *shape):
    return lambda random: random.integers(0, high, shape).astype("float32")


def normalizations():
    batch = [
        ("", {}, (6, 4)), ("_rank_3", {}, (3, 5, 4)), ("_rank_4", {}, (2, 3, 3, 4)),
        ("_no_center", {"center": False}, (6, 4)), ("_no_scale", {"scale": False}, (6, 4)),
        ("_plain", {"center": False, "scale": False}, (6, 4)),
        ("_axis_1", {"axis": 1}, (3, 4, 5)),
        ("_momentum_epsilon", {"momentum": 0.8, "epsilon": 0.01}, (6, 4)),
    ]
    for name, settings, shape in batch:
        for training in (False, True):
            suffix = "_training" if training else "_inference"
            yield case(f"batch_normalization{name}{suffix}",
                       lambda s=settings: L.BatchNormalization(**s), normal(*shape),
                       training=training)
    for training in (False, True):
        suffix = "_training" if training else "_inference"
        yield case(f"batch_normalization_mask{suffix}", lambda: L.BatchNormalization(),
                   normal(3, 5, 4), training=training,
                   arrays={"mask": boolean(MASKS["all_padding"])})
    yield case("batch_normalization_frozen_training",
               lambda: L.BatchNormalization(trainable=False), normal(6, 4), training=True)
    layer = [
        ("", {}, (3, 6)), ("_rank_3", {}, (2, 3, 6)), ("_axis_1", {"axis": 1}, (2, 3, 6)),
        ("_axes", {"axis": [1, 2]}, (2, 3, 4)), ("_axes_of_4", {"axis": [-2, -1]}, (2, 3, 2, 4)),
        ("_no_center", {"center": False}, (3, 6)), ("_no_scale", {"scale": False}, (3, 6)),
        ("_epsilon", {"epsilon": 0.1}, (3, 6)),
    ]
    for name, settings, shape in layer:
        yield case(f"layer_normalization{name}", lambda s=settings: L.LayerNormalization(**s),
                   normal(*shape))
    yield case("layer_normalization_far_mean", lambda: L.LayerNormalization(),
               lambda random: (20 + random.standard_normal((3, 6))).astype("float32"))


def sequences():
    yield case("embedding", lambda: L.Embedding(7, 4), integers(7, 3, 5))
    yield case("embedding_vector", lambda: L.Embedding(7, 4), integers(7, 6))
    yield case("embedding_repeated", lambda: L.Embedding(3, 2), constant([[1, 1, 2], [1, 0, 1]],
                                                                         "int32"))
    yield case("embedding_mask_zero", lambda: L.Embedding(7, 4, mask_zero=True),
               constant([[1, 2, 0, 0], [3, 0, 4, 0], [0, 0, 0, 0]], "int32"))

    def padded(value):
        def make(random):
            x = random.standard_normal((3, 5, 4)).astype("float32")
            x[1, 3:] = value
            x[2, :2] = value
            x[0, 1, 0] = value  # one feature alone does not mask a step
            return x
        return make

    yield case("masking", lambda: L.Masking(), padded(0.0))
    yield case("masking_value", lambda: L.Masking(mask_value=-1.0), padded(-1.0))


def recurrent():
    for kind in ("SimpleRNN", "LSTM", "GRU"):
        layer = getattr(L, kind)
        name = kind.lower().replace("simplernn", "simple_rnn")
        settings = [
            ("", {}), ("_sequences", {"return_sequences": True}),
            ("_state", {"return_state": True}),
            ("_sequences_state", {"return_sequences": True, "return_state": True}),
            ("_backwards", {"go_backwards": True}),
            ("_backwards_sequences", {"go_backwards": True, "return_sequences": True}),
            ("_no_bias", {"use_bias": False, "return_sequences": True}),
            ("_relu", {"activation": "relu", "return_sequences": True}),
        ]
        if kind != "SimpleRNN":
            settings += [("_hard_sigmoid", {"recurrent_activation": "hard_sigmoid",
                                            "activation": "softsign", "return_sequences": True})]
        if kind == "GRU":
            settings += [
                ("_reset_before", {"reset_after": False, "return_sequences": True}),
                ("_reset_before_no_bias", {"reset_after": False, "use_bias": False}),
                ("_reset_before_backwards", {"reset_after": False, "go_backwards": True,
                                             "return_sequences": True, "return_state": True}),
            ]
        for suffix, rest in settings:
            yield case(name + suffix, lambda l=layer, r=rest: l(4, **r), normal(3, 5, 3))
        masked = [(m, s) for m in MASKS for s in (
            {"return_sequences": True, "return_state": True}, {})]
        masked += [("right_padded", {"go_backwards": True, "return_sequences": True}),
                   ("holes", {"go_backwards": True, "return_sequences": True}),
                   ("left_padded", {"go_backwards": True})]
        for mask, rest in masked:
            suffix = "_backwards" if rest.get("go_backwards") else ""
            suffix += "_sequences" if rest.get("return_sequences") else ""
            yield case(f"{name}_mask_{mask}{suffix}", lambda l=layer, r=rest: l(4, **r),
                       normal(3, 5, 3), arrays={"mask": boolean(MASKS[mask])})
        if kind == "GRU":
            yield case("gru_reset_before_mask_holes", lambda: L.GRU(4, reset_after=False,
                       return_sequences=True), normal(3, 5, 3),
                       arrays={"mask": boolean(MASKS["holes"])})


def bidirectional():
    for mode in ("concat", "sum", "mul", "ave", None):
        for sequences in (False, True):
            name = f"bidirectional_{mode or 'separate'}{'_sequences' if sequences else ''}"
            yield case(name, lambda m=mode, s=sequences: L.Bidirectional(
                L.LSTM(3, return_sequences=s), merge_mode=m), normal(3, 5, 4))
    for kind in ("GRU", "SimpleRNN"):
        yield case(f"bidirectional_{kind.lower()}", lambda k=kind: L.Bidirectional(
            getattr(L, k)(3, return_sequences=True)), normal(3, 5, 4))
    for mask in MASKS:
        for sequences in (False, True):
            name = f"bidirectional_mask_{mask}{'_sequences' if sequences else ''}"
            yield case(name, lambda s=sequences: L.Bidirectional(L.LSTM(3, return_sequences=s)),
                       normal(3, 5, 4), arrays={"mask": boolean(MASKS[mask])})
    yield case("bidirectional_state", lambda: L.Bidirectional(
        L.LSTM(3, return_sequences=True, return_state=True)), normal(3, 5, 4))
    yield case("bidirectional_backward_layer", lambda: L.Bidirectional(
        L.LSTM(3, return_sequences=True),
        backward_layer=L.LSTM(2, return_sequences=True, go_backwards=True, use_bias=False)),
        normal(3, 5, 4))


def attention():
    query, value, key = normal(2, 4, 6), normal(2, 5, 6), normal(2, 5, 6)

    def make(**rest):
        return lambda: L.MultiHeadAttention(**{"num_heads": 2, "key_dim": 3, **rest})

    yield case("attention_self", make(), query, query)
    yield case("attention_cross", make(), query, value)
    yield case("attention_cross_key", make(), query, value, key)
    # On JAX, Keras can only do value_dim != key_dim on the path that returns the scores.
    scores = {"return_attention_scores": True}
    yield case("attention_widths", make(value_dim=5), query, normal(2, 5, 7), normal(2, 5, 4),
               arguments=scores)
    yield case("attention_value_dim", make(value_dim=4), query, value, arguments=scores)
    yield case("attention_output_shape", make(output_shape=5), query, value)
    yield case("attention_no_bias", make(use_bias=False), query, value)
    yield case("attention_one_head", make(num_heads=1, key_dim=6), query, value)
    yield case("attention_causal", make(), query, query, arguments={"use_causal_mask": True})
    yield case("attention_causal_cross", make(), query, value, arguments={"use_causal_mask": True})
    yield case("attention_scores", make(), query, value,
               arguments=scores)
    some = [[[T, T, F, T, F], [T, F, F, F, F], [T, T, T, T, T], [F, T, F, T, F]],
            [[F, F, F, F, T], [T, T, T, F, F], [T, T, F, T, T], [F, F, T, T, T]]]
    empty = [[[F] * 5] + some[0][1:], some[1]]
    yield case("attention_mask", make(), query, value, arrays={"attention_mask": boolean(some)})
    yield case("attention_mask_scores", make(), query, value,
               arrays={"attention_mask": boolean(some)}, arguments=scores)
    yield case("attention_mask_empty_row", make(), query, value,
               arrays={"attention_mask": boolean(empty)})
    yield case("attention_mask_empty_row_scores", make(), query, value,
               arrays={"attention_mask": boolean(empty)}, arguments=scores)
    rows = boolean([[T, T, T, F], [T, T, F, F]])
    columns = boolean([[T, T, T, F, F], [T, T, T, T, F]])
    yield case("attention_query_mask", make(), query, value, arrays={"query_mask": rows})
    yield case("attention_value_mask", make(), query, value, arrays={"value_mask": columns})
    yield case("attention_query_value_mask", make(), query, value,
               arrays={"query_mask": rows, "value_mask": columns},
               arguments=scores)
    yield case("attention_key_mask", make(), query, value, key, arrays={"key_mask": columns})
    yield case("attention_padding_causal", make(), query, query,
               arrays={"query_mask": rows, "value_mask": rows}, arguments={"use_causal_mask": True})
    yield case("attention_all_masks", make(), query, value,
               arrays={"query_mask": rows, "value_mask": columns, "attention_mask": boolean(some)},
               arguments={"use_causal_mask": True, "return_attention_scores": True})


def merging():
    x, y, z = normal(2, 3, 4), normal(2, 3, 4), normal(2, 3, 4)
    for kind in ("Add", "Multiply", "Average", "Maximum", "Minimum"):
        yield case(kind.lower(), lambda k=kind: getattr(L, k)(), x, y, as_list=True)
    yield case("subtract", lambda: L.Subtract(), x, y, as_list=True)
    yield case("add_three", lambda: L.Add(), x, y, z, as_list=True)
    yield case("multiply_three", lambda: L.Multiply(), x, y, z, as_list=True)
    yield case("add_broadcast", lambda: L.Add(), x, normal(2, 1, 4), as_list=True)
    yield case("concatenate", lambda: L.Concatenate(), x, normal(2, 3, 2), as_list=True)
    yield case("concatenate_axis_1", lambda: L.Concatenate(axis=1), x, normal(2, 2, 4), z,
               as_list=True)
    yield case("concatenate_axis_minus_2", lambda: L.Concatenate(axis=-2), x, normal(2, 5, 4),
               as_list=True)
