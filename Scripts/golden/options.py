"""Golden data of what any layer can have: networks with penalties, constraints, frozen layers and
element types, five steps of train_on_batch, files before and after."""

from common import GOLDEN, clear, finish, jax, keras, np, randomize, start, write_npz

L, R, C = keras.layers, keras.regularizers, keras.constraints
STEPS, BATCH = 5, 8


def dense():
    frozen = L.Dense(6, kernel_regularizer="l2", activity_regularizer=R.L1(0.02), name="frozen")
    frozen.trainable = False
    return keras.Sequential([
        keras.Input((12,)),
        L.Dense(8, activation="tanh", kernel_regularizer=R.L1L2(0.01, 0.02),
                bias_regularizer=R.L2(0.1), activity_regularizer=R.L2(0.05), name="first"),
        L.BatchNormalization(gamma_regularizer=R.L2(0.05), beta_constraint=C.NonNeg()),
        frozen,
        L.Dense(6, kernel_regularizer=R.OrthogonalRegularizer(0.3), kernel_constraint=C.MaxNorm(0.8),
                bias_constraint="non_neg", name="second"),
        L.ActivityRegularization(l1=0.01, l2=0.02),
        L.Dense(4, activation="softmax", kernel_constraint=C.UnitNorm(axis=0),
                kernel_regularizer=R.OrthogonalRegularizer(0.2, mode="columns"))], name="dense")


def convolution():
    return keras.Sequential([
        keras.Input((7, 6, 2)),
        L.Conv2D(4, 3, kernel_regularizer=R.L1(0.01), kernel_constraint=C.MaxNorm(0.9, axis=[0, 1, 2]),
                 bias_constraint=C.MinMaxNorm(0.1, 0.5)),
        L.PReLU(shared_axes=[1, 2], alpha_regularizer=R.L2(0.1), alpha_constraint=C.NonNeg()),
        L.LayerNormalization(gamma_regularizer="l1", beta_regularizer=R.L1L2(0.02, 0.03),
                             gamma_constraint=C.MinMaxNorm(0.5, 1.5, rate=0.5, axis=0)),
        L.Flatten(),
        L.Dense(3, activation="softmax", kernel_constraint=C.MinMaxNorm(0.4, 0.9, rate=0.3, axis=1))],
        name="convolution")


def recurrent():
    return keras.Sequential([
        keras.Input((6,), dtype="int32"),
        L.Embedding(10, 4, mask_zero=True, embeddings_regularizer=R.L2(0.03),
                    embeddings_constraint=C.UnitNorm(axis=1), activity_regularizer=R.L1(0.003)),
        L.LSTM(5, return_sequences=True, kernel_regularizer=R.L2(0.02),
               recurrent_regularizer=R.L1(0.01), bias_regularizer=R.L2(0.05),
               recurrent_constraint=C.MaxNorm(0.7), activity_regularizer=R.L2(0.01)),
        L.GRU(4, kernel_constraint=C.MaxNorm(0.6, axis=1), recurrent_regularizer=R.L2(0.03),
              bias_constraint=C.MaxNorm(0.4, axis=[0, 1])),
        L.Dense(3, activation="softmax")], name="recurrent")


def attention():
    x = keras.Input((5, 6), name="x")
    y = L.MultiHeadAttention(2, 3, kernel_regularizer=R.L2(0.02), bias_regularizer=R.L1(0.05),
                             activity_regularizer=R.L2(0.01),
                             kernel_constraint=C.MaxNorm(0.7, axis=0), name="attention")(x, x)
    y = L.GroupQueryAttention(3, 2, 1, activity_regularizer=R.L1(0.01), name="groups")(y, y)
    inner = keras.Sequential([
        keras.Input((5, 6)),
        L.Dense(4, kernel_regularizer=R.L2(0.05), activity_regularizer="l2", name="inside")],
        name="block")
    y = L.GlobalAveragePooling1D(name="pooling")(inner(y))
    return keras.Model(x, L.Dense(3, activation="softmax", name="class")(y), name="attention")


def shared():
    left, right = keras.Input((4,), name="left"), keras.Input((4,), name="right")
    # Of several calls, Keras's compiled steps penalize the activity of the last alone; its
    # `losses` have all.
    tower = L.Dense(3, activation="tanh", kernel_regularizer=R.L2(0.1), name="tower")
    product = L.Multiply(name="product")([tower(left), tower(right)])
    return keras.Model([left, right], L.Dense(3, activation="softmax", name="same")(product),
                       name="shared")


def typed(policy):
    def make():
        return keras.Sequential([
            keras.Input((7, 6, 2)),
            L.Conv2D(4, 3, activation="relu", kernel_regularizer=R.L2(0.01), dtype=policy),
            L.BatchNormalization(dtype=policy), L.Flatten(dtype=policy),
            L.Dense(8, activation="tanh", activity_regularizer=R.L2(0.01), dtype=policy),
            L.Dense(3, activation="softmax", dtype="float32")], name=policy)
    return make


def tokens(random):
    x = random.integers(1, 10, (STEPS, BATCH, 6)).astype("int32")
    x[:, 1, 3:] = 0
    x[:, 2, 5:] = 0
    return x


def normal(*shape):
    return lambda random: random.standard_normal((STEPS, BATCH, *shape)).astype("float32")


CASES = [
    ("dense", dense, [normal(12)], 4), ("convolution", convolution, [normal(7, 6, 2)], 3),
    ("recurrent", recurrent, [tokens], 3), ("attention", attention, [normal(5, 6)], 3),
    ("shared", shared, [normal(4), normal(4)], 3),
]
TYPES = ["float64", "mixed_bfloat16", "mixed_float16", "bfloat16", "float16"]


def evaluate(name, network, inputs, classes, optimizer, folder):
    random = start(name)
    model = network()
    randomize(model.weights, random)
    for layer in model.layers:  # weights start where constraints allow
        for weight in layer.weights:
            if getattr(weight, "constraint", None) is not None:
                weight.assign(weight.constraint(weight.value))
    inputs = [make(random) for make in inputs]
    target = random.integers(0, classes, (STEPS, BATCH)).astype("int32")
    # float16 would make Keras scale the loss.
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"],
                  auto_scale_loss=False)

    def step(i):
        return [x[i] for x in inputs] if len(inputs) > 1 else inputs[0][i]

    arrays = {f"input.{i}": x for i, x in enumerate(inputs)}
    arrays["target"] = target
    arrays["predictions_before"] = np.asarray(model.predict(step(0), verbose=0), "float32")
    evaluation = model.evaluate(step(0), target[0], batch_size=4, verbose=0, return_dict=True)
    model.save(folder / f"{name}_before.keras")
    losses = []
    for i in range(STEPS):
        model.reset_metrics()
        losses.append(model.train_on_batch(step(i), target[i], return_dict=True)["loss"])
    arrays["losses"] = np.array(losses, "float32")
    arrays["predictions_after"] = np.asarray(model.predict(step(0), verbose=0), "float32")
    model.save(folder / f"{name}_after.keras")
    write_npz(folder / f"{name}.npz", arrays)
    return {"name": name, "before": f"{name}_before.keras", "after": f"{name}_after.keras",
            "inputs": [f"input.{i}" for i in range(len(inputs))], "steps": STEPS,
            "evaluation": {key: float(value) for key, value in evaluation.items()},
            "frozen": [v.path for v in model.weights if not v.trainable]}


if __name__ == "__main__":
    folder = clear(GOLDEN / "options")
    index = []
    for name, *rest in CASES:
        for optimizer, make in [("sgd", lambda: keras.optimizers.SGD(0.1, momentum=0.9)),
                                ("adam", lambda: keras.optimizers.Adam(0.01))]:
            index.append(evaluate(f"{name}_{optimizer}", *rest, make(), folder))
    jax.config.update("jax_enable_x64", True)  # without it float64 is float32
    for policy in TYPES:
        index.append(evaluate(f"type_{policy}", typed(policy), [normal(7, 6, 2)], 3,
                              keras.optimizers.SGD(0.05), folder))
    finish("options", index, folder)
