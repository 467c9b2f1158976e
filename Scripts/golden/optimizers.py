"""Golden data of optimizers: two weights over twenty steps with given gradients."""

from common import GOLDEN, clear, finish, keras, np, start, write_npz

O = keras.optimizers
STEPS = 20


def cases():
    schedule = O.schedules
    yield "sgd", lambda: O.SGD(0.1)
    yield "sgd_default", lambda: O.SGD()
    yield "sgd_momentum", lambda: O.SGD(0.1, momentum=0.9)
    yield "sgd_nesterov", lambda: O.SGD(0.1, momentum=0.9, nesterov=True)
    yield "sgd_weight_decay", lambda: O.SGD(0.1, weight_decay=0.05)
    yield "sgd_momentum_weight_decay", lambda: O.SGD(0.1, momentum=0.9, weight_decay=0.05)
    yield "rmsprop", lambda: O.RMSprop()
    yield "rmsprop_rho", lambda: O.RMSprop(0.01, rho=0.8, epsilon=1e-3)
    yield "rmsprop_momentum", lambda: O.RMSprop(0.01, momentum=0.9)
    yield "rmsprop_centered", lambda: O.RMSprop(0.01, centered=True)
    yield "rmsprop_centered_momentum", lambda: O.RMSprop(0.01, centered=True, momentum=0.5)
    yield "adam", lambda: O.Adam()
    yield "adam_betas", lambda: O.Adam(0.05, beta_1=0.8, beta_2=0.9, epsilon=1e-3)
    yield "adam_amsgrad", lambda: O.Adam(0.05, amsgrad=True)
    yield "adam_weight_decay", lambda: O.Adam(0.05, weight_decay=0.1)
    yield "adam_clipnorm", lambda: O.Adam(0.05, clipnorm=0.5)
    yield "adam_clipvalue", lambda: O.Adam(0.05, clipvalue=0.3)
    yield "adam_global_clipnorm", lambda: O.Adam(0.05, global_clipnorm=0.5)
    yield "adam_ema", lambda: O.Adam(0.05, use_ema=True, ema_momentum=0.9)
    yield "adam_ema_overwrite", lambda: O.Adam(
        0.05, use_ema=True, ema_momentum=0.9, ema_overwrite_frequency=5)
    yield "adam_accumulation", lambda: O.Adam(0.05, gradient_accumulation_steps=3)
    yield "adamw", lambda: O.AdamW()
    yield "adamw_amsgrad", lambda: O.AdamW(0.05, weight_decay=0.1, amsgrad=True)
    yield "adamw_no_bias_decay", lambda: excluding(O.AdamW(0.05, weight_decay=0.1), ["bias"])
    yield "sgd_exponential_decay", lambda: O.SGD(schedule.ExponentialDecay(0.1, 5, 0.5))
    yield "sgd_exponential_decay_staircase", lambda: O.SGD(
        schedule.ExponentialDecay(0.1, 5, 0.5, staircase=True))
    yield "sgd_cosine_decay_warmup", lambda: O.SGD(schedule.CosineDecay(
        0.0, 12, alpha=0.1, warmup_target=0.2, warmup_steps=4))
    yield "sgd_piecewise_decay", lambda: O.SGD(schedule.PiecewiseConstantDecay(
        [4, 10], [0.2, 0.1, 0.01]))
    yield "adam_inverse_time_decay", lambda: O.Adam(schedule.InverseTimeDecay(0.1, 3, 0.5))
    yield "adam_polynomial_decay", lambda: O.Adam(schedule.PolynomialDecay(0.1, 10, 0.01,
                                                                           power=2.0))


def excluding(optimizer, names):
    optimizer.exclude_from_weight_decay(var_names=names)
    return optimizer


def evaluate(name, optimizer, folder):
    random = start(name)
    weights = [keras.Variable(random.standard_normal(shape).astype("float32"), name=title)
               for title, shape in (("kernel", (3, 4)), ("bias", (4,)))]
    arrays = {f"weight.{i}": np.asarray(w.value) for i, w in enumerate(weights)}
    gradients = [random.standard_normal((STEPS, *w.shape)).astype("float32") for w in weights]
    gradients[0][:, 1, 2] = 0  # a weight that never has a gradient still decays
    gradients[1][::2] *= 10  # large enough that clipping bites on some steps only
    after = [[], []]
    rates = []
    optimizer = optimizer()
    optimizer.build(weights)
    for step in range(STEPS):
        rates.append(float(np.asarray(optimizer.learning_rate)))
        optimizer.apply([g[step] for g in gradients])
        for i, w in enumerate(weights):
            after[i].append(np.array(w.value))
    variables = []
    for i, (w, g, steps) in enumerate(zip(weights, gradients, after)):
        arrays[f"gradients.{i}"], arrays[f"steps.{i}"] = g, np.stack(steps)
    arrays["learning_rates"] = np.array(rates, "float32")
    for i, v in enumerate(optimizer.variables):
        arrays[f"variable.{i}"] = np.asarray(v.value)
        variables.append({"name": v.name, "path": v.path, "array": f"variable.{i}"})
    if optimizer.use_ema:
        optimizer.finalize_variable_values(weights)
        for i, w in enumerate(weights):
            arrays[f"finalized.{i}"] = np.asarray(w.value)
    write_npz(folder / f"{name}.npz", arrays)
    excluded = ["bias"] if "no_bias_decay" in name else []
    return {"name": name, "config": keras.saving.serialize_keras_object(optimizer),
            "weights": ["kernel", "bias"], "excluded_from_weight_decay": excluded,
            "variables": variables, "finalized": optimizer.use_ema}


if __name__ == "__main__":
    folder = clear(GOLDEN / "optimizers")
    finish("optimizers", [evaluate(*case, folder) for case in cases()], folder)
