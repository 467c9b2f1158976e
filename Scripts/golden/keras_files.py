""".keras files of single layers and of networks, with inputs and the predictions Keras makes."""

from common import GOLDEN, clear, finish, keras, np, randomize, start, write_npz

import networks

L = keras.layers


def integers(high, *shape):
    return lambda random: random.integers(0, high, shape).astype("int32")


def normal(*shape):
    return lambda random: random.standard_normal(shape).astype("float32")


def one_layer(layer, *shape, dtype="float32"):
    def make():
        x = keras.Input(shape, dtype=dtype, name="x")
        return keras.Model(x, layer()(x), name="model")
    return make


def attention():
    query, value = keras.Input((4, 6), name="query"), keras.Input((5, 6), name="value")
    result = L.MultiHeadAttention(2, 3, name="attention")(query, value)
    return keras.Model([query, value], result, name="model")


def merge(layer):
    def make():
        left, right = keras.Input((3, 4), name="left"), keras.Input((3, 4), name="right")
        return keras.Model([left, right], layer()([left, right]), name="model")
    return make


def cells():
    """Cells as layers, of which one takes the states of the other."""
    x, h, c = keras.Input((4,)), keras.Input((2,)), keras.Input((2,))
    y, (h1, c1) = L.LSTMCell(2)(x, [h, c])
    y, (h2,) = L.GRUCell(2)(y, states=[h1])
    y, states = L.StackedRNNCells([L.LSTMCell(2), L.SimpleRNNCell(2)])(y, [[h2, c1], [h]])
    return keras.Model([x, h, c], [y, *keras.tree.flatten(states)])


def initial_states():
    """Layers that begin with the states in which another ended."""
    x, y = keras.Input((5, 2)), keras.Input((4, 2))

    def stack():
        return L.StackedRNNCells([L.LSTMCell(3), L.GRUCell(2)])

    _, *code = L.RNN(stack(), return_state=True)(x)
    text = L.RNN(stack())(y, initial_state=code)
    _, *both = L.Bidirectional(L.GRU(2, return_state=True))(x)
    return keras.Model([x, y], [text, L.Bidirectional(L.GRU(2))(y, initial_state=both)])


LAYERS = [
    ("dense", lambda: L.Dense(3, activation="relu"), (5,)),
    ("activation", lambda: L.Activation("gelu"), (5,)),
    ("relu", lambda: L.ReLU(max_value=2.0, negative_slope=0.1), (5,)),
    ("leaky_relu", lambda: L.LeakyReLU(), (5,)),
    ("elu", lambda: L.ELU(0.5), (5,)),
    ("softmax", lambda: L.Softmax(), (5,)),
    ("flatten", lambda: L.Flatten(), (2, 3)),
    ("reshape", lambda: L.Reshape((3, -1)), (2, 6)),
    ("permute", lambda: L.Permute((2, 1)), (2, 3)),
    ("repeat_vector", lambda: L.RepeatVector(2), (3,)),
    ("dropout", lambda: L.Dropout(0.5, seed=3), (5,)),
    ("rescaling", lambda: L.Rescaling(1 / 255, offset=-0.5), (4,)),
    ("conv1d", lambda: L.Conv1D(4, 3, padding="causal", dilation_rate=2), (7, 3)),
    ("conv2d", lambda: L.Conv2D(4, (3, 2), strides=2, padding="same", activation="relu"), (6, 5,
                                                                                           2)),
    ("conv2d_groups", lambda: L.Conv2D(4, 3, groups=2, use_bias=False), (5, 5, 4)),
    ("max_pooling1d", lambda: L.MaxPooling1D(2), (7, 3)),
    ("max_pooling2d", lambda: L.MaxPooling2D(3, strides=2, padding="same"), (7, 6, 2)),
    ("average_pooling1d", lambda: L.AveragePooling1D(3, strides=1, padding="same"), (6, 2)),
    ("average_pooling2d", lambda: L.AveragePooling2D(2), (6, 6, 2)),
    ("global_average_pooling1d", lambda: L.GlobalAveragePooling1D(), (4, 3)),
    ("global_average_pooling2d", lambda: L.GlobalAveragePooling2D(keepdims=True), (4, 3, 2)),
    ("global_max_pooling1d", lambda: L.GlobalMaxPooling1D(), (4, 3)),
    ("global_max_pooling2d", lambda: L.GlobalMaxPooling2D(), (4, 3, 2)),
    ("batch_normalization", lambda: L.BatchNormalization(momentum=0.9), (3, 4)),
    ("batch_normalization_plain", lambda: L.BatchNormalization(center=False, scale=False), (4,)),
    ("layer_normalization", lambda: L.LayerNormalization(), (3, 4)),
    ("layer_normalization_axes", lambda: L.LayerNormalization(axis=[1, 2], scale=False), (3, 4)),
    ("masking", lambda: L.Masking(-1.0), (3, 4)),
    ("simple_rnn", lambda: L.SimpleRNN(3), (4, 2)),
    ("lstm", lambda: L.LSTM(3, return_sequences=True, go_backwards=True), (4, 2)),
    ("gru", lambda: L.GRU(3), (4, 2)),
    ("gru_reset_before", lambda: L.GRU(3, reset_after=False), (4, 2)),
    ("bidirectional_lstm", lambda: L.Bidirectional(L.LSTM(3, return_sequences=True)), (4, 2)),
    ("bidirectional_gru_sum", lambda: L.Bidirectional(L.GRU(2), merge_mode="sum"), (4, 2)),
    ("rnn_lstm_cell", lambda: L.RNN(L.LSTMCell(3), return_sequences=True), (4, 2)),
    ("rnn_stacked_cells", lambda: L.RNN(L.StackedRNNCells(
        [L.LSTMCell(3), L.GRUCell(2), L.LSTMCell(4)]), unroll=True), (4, 2)),
    ("bidirectional_rnn", lambda: L.Bidirectional(L.RNN(L.GRUCell(3, reset_after=False))), (4, 2)),
    ("time_distributed", lambda: L.TimeDistributed(L.Conv2D(3, 2)), (3, 4, 5, 2)),
    ("time_distributed_model", lambda: L.TimeDistributed(keras.Sequential(
        [L.Conv2D(3, 2), L.BatchNormalization(), L.Flatten()])), (3, 4, 5, 2)),
    ("conv_lstm1d", lambda: L.ConvLSTM1D(3, 2, strides=2, padding="same"), (3, 6, 2)),
    ("conv_lstm2d", lambda: L.ConvLSTM2D(2, (2, 3), dilation_rate=2, return_sequences=True,
                                         data_format="channels_first"), (3, 2, 5, 6)),
    ("conv_lstm3d", lambda: L.ConvLSTM3D(2, 2, go_backwards=True), (2, 3, 3, 2, 1)),
    ("regularized", lambda: L.Dense(3, kernel_regularizer=keras.regularizers.L2(0.01),
                                    kernel_constraint="max_norm",
                                    kernel_initializer=keras.initializers.HeNormal(seed=1)), (5,)),
]


def cases():
    """Name, maker, inputs, compile settings or None, targets or None."""
    for name, layer, shape in LAYERS:
        yield f"layer_{name}", one_layer(layer, *shape), [normal(3, *shape)], None, None
    yield ("layer_embedding", one_layer(lambda: L.Embedding(7, 3, mask_zero=True), 4,
                                        dtype="int32"),
           [integers(7, 3, 4)], None, None)
    yield "layer_cells", cells, [normal(3, 4), normal(3, 2), normal(3, 2)], None, None
    yield "layer_initial_states", initial_states, [normal(3, 5, 2), normal(3, 4, 2)], None, None
    yield "layer_attention", attention, [normal(3, 4, 6), normal(3, 5, 6)], None, None
    for layer in (L.Add, L.Multiply, L.Subtract, L.Average, L.Maximum, L.Minimum, L.Concatenate):
        yield (f"layer_{layer.__name__.lower()}", merge(layer),
               [normal(3, 3, 4), normal(3, 3, 4)], None, None)
    adam, sparse = {"optimizer": "adam"}, {"loss": "sparse_categorical_crossentropy"}
    accuracy = {"metrics": ["accuracy"]}
    label = integers(3, 8)
    yield "mlp_uncompiled", networks.mlp, [normal(8, 12)], None, None
    yield "mlp_adam", networks.mlp, [normal(8, 12)], {**adam, **sparse, **accuracy}, label
    yield ("mlp_sgd_momentum", networks.mlp, [normal(8, 12)],
           {"optimizer": lambda: keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True),
            **sparse}, label)
    yield ("mlp_rmsprop_centered", networks.mlp, [normal(8, 12)],
           {"optimizer": lambda: keras.optimizers.RMSprop(0.01, momentum=0.5, centered=True),
            **sparse},
           label)
    yield ("mlp_adamw_amsgrad", networks.mlp, [normal(8, 12)],
           {"optimizer": lambda: keras.optimizers.AdamW(0.01, amsgrad=True, clipnorm=1.0),
            **sparse}, label)
    yield ("mlp_schedule", networks.mlp, [normal(8, 12)],
           {"optimizer": lambda: keras.optimizers.Adam(
               keras.optimizers.schedules.ExponentialDecay(0.01, 2, 0.9)), **sparse}, label)
    yield ("cnn_adam", networks.cnn, [normal(8, 8, 8, 2)],
           {**adam, "loss": lambda: keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            **accuracy}, label)
    yield ("lstm_adam", networks.lstm, [normal(8, 6, 3)], {**adam, **sparse, **accuracy}, label)
    yield ("gru_text_rmsprop", networks.gru_text, [integers(10, 8, 6)],
           {"optimizer": "rmsprop", "loss": "binary_crossentropy", **accuracy},
           lambda random: random.integers(0, 2, (8, 1)).astype("float32"))
    yield ("transformer_adam", networks.transformer, [integers(10, 8, 6)],
           {**adam, "loss": lambda: keras.losses.SparseCategoricalCrossentropy(from_logits=True)},
           label)
    yield ("two_inputs_adam", networks.two_inputs, [normal(8, 6, 6, 1), normal(8, 3)],
           {**adam, **sparse, **accuracy}, label)
    yield ("two_outputs_adam", networks.two_outputs, [normal(8, 5)],
           {**adam, "loss": {"label": "sparse_categorical_crossentropy", "score": "mse"},
            "loss_weights": {"label": 1.0, "score": 0.25},
            "metrics": {"label": ["accuracy"], "score": ["mae"]}},
           lambda random: {"label": label(random), "score": normal(8, 1)(random)})
    yield ("shared_adam", networks.shared, [normal(8, 4), normal(8, 4)],
           {**adam, "loss": "binary_crossentropy", **accuracy},
           lambda random: random.integers(0, 2, (8, 1)).astype("float32"))
    yield ("nested_adam", networks.nested, [normal(8, 4)], {**adam, "loss": "mse"}, normal(8, 2))
    yield ("residual_adam", networks.residual, [normal(8, 6, 6, 2)], {**adam, **sparse}, label)


def evaluate(name, make, inputs, settings, target, folder):
    random = start(name)
    model = make()
    randomize(model.weights, random)
    inputs = [make_input(random) for make_input in inputs]
    x = inputs if len(inputs) > 1 else inputs[0]
    arrays = {f"input.{i}": value for i, value in enumerate(inputs)}
    entry = {"name": name, "file": f"{name}.keras", "compiled": settings is not None,
             "inputs": list(arrays), "input_names": [tensor.name for tensor in model.inputs],
             "optimizer_variables": [], "targets": {}, "evaluation": None}
    if settings is not None:
        settings = {key: value() if callable(value) else value for key, value in settings.items()}
        model.compile(**settings)
        y = target(random)
        for _ in range(2):
            model.train_on_batch(x, y)
        named = y if isinstance(y, dict) else {"": y}
        for key, value in named.items():
            arrays[f"target.{key}" if key else "target"] = value
            entry["targets"][key] = f"target.{key}" if key else "target"
        entry["evaluation"] = {key: float(value) for key, value in model.evaluate(
            x, y, batch_size=4, verbose=0, return_dict=True).items()}
        for i, v in enumerate(model.optimizer.variables):
            arrays[f"optimizer.{i}"] = np.asarray(v.value)
            entry["optimizer_variables"].append({"path": v.path, "array": f"optimizer.{i}"})
    predictions = model.predict(x, verbose=0)
    if isinstance(predictions, dict):
        named = predictions
    else:
        parts = predictions if isinstance(predictions, list) else [predictions]
        named = {str(i): value for i, value in enumerate(parts)}
    arrays.update({f"output.{key}": value for key, value in named.items()})
    entry["outputs"] = [f"output.{key}" for key in named]
    entry["weights"] = []
    for i, v in enumerate(model.weights):
        arrays[f"weight.{i}"] = np.asarray(v.value)
        entry["weights"].append({"path": v.path, "trainable": v.trainable, "array": f"weight.{i}"})
    model.save(folder / f"{name}.keras")
    write_npz(folder / f"{name}.npz", arrays)
    return entry


def unusual(folder):
    """Other file forms of one model: weights alone, the older HDF5 form, JSON without weights."""
    start("forms")
    model = networks.mlp()
    randomize(model.weights, start("forms"))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.save_weights(folder / "forms.weights.h5")
    model.save(folder / "forms.h5")
    (folder / "forms.json").write_text(model.to_json())
    x = normal(4, 12)(start("forms inputs"))
    write_npz(folder / "forms.npz", {"input.0": x, "output.0": model.predict(x, verbose=0)})


if __name__ == "__main__":
    folder = clear(GOLDEN / "keras_files")
    index = [evaluate(*case, folder) for case in cases()]
    unusual(folder)
    for file in folder.iterdir():
        assert file.stat().st_size < 100_000, file
    finish("keras_files", index, folder)
