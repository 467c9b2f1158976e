"""Golden data of optimizers: two weights over twenty steps with given gradients."""

from common import GOLDEN, clear, finish, keras, np, start, write_npz

O = keras.optimizers
STEPS = 20
SHAPES = {"muon_tall": (5, 3), "adafactor_three_axes": (2, 3, 4)}


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

    yield "adadelta", lambda: O.Adadelta()
    yield "adadelta_rho", lambda: O.Adadelta(1.0, rho=0.8, epsilon=1e-3, weight_decay=0.05)
    yield "adagrad", lambda: O.Adagrad()
    yield "adagrad_accumulator", lambda: O.Adagrad(
        0.1, initial_accumulator_value=0.5, epsilon=1e-3)
    yield "adamax", lambda: O.Adamax()
    yield "adamax_betas", lambda: O.Adamax(0.05, beta_1=0.8, beta_2=0.9, epsilon=1e-3)
    yield "nadam", lambda: O.Nadam()
    yield "nadam_betas", lambda: O.Nadam(0.05, beta_1=0.8, beta_2=0.9, epsilon=1e-3)
    yield "nadam_accumulation", lambda: O.Nadam(0.05, gradient_accumulation_steps=2)
    yield "ftrl", lambda: O.Ftrl()
    yield "ftrl_penalties", lambda: O.Ftrl(
        0.5, l1_regularization_strength=0.1, l2_regularization_strength=0.2,
        l2_shrinkage_regularization_strength=0.05, beta=0.3)
    yield "ftrl_power", lambda: O.Ftrl(
        0.5, learning_rate_power=-0.8, initial_accumulator_value=0.3)
    yield "adafactor", lambda: O.Adafactor()
    yield "adafactor_settings", lambda: O.Adafactor(
        0.5, beta_2_decay=-0.5, epsilon_1=1e-5, epsilon_2=0.1, clip_threshold=0.5,
        relative_step=False)
    yield "adafactor_three_axes", lambda: O.Adafactor(0.1)
    yield "adafactor_schedule", lambda: O.Adafactor(schedule.ExponentialDecay(0.9, 5, 0.5))
    yield "lion", lambda: O.Lion()
    yield "lion_betas", lambda: O.Lion(0.05, beta_1=0.8, beta_2=0.9, weight_decay=0.1)
    yield "lamb", lambda: O.Lamb()
    yield "lamb_betas", lambda: O.Lamb(
        0.05, beta_1=0.8, beta_2=0.9, epsilon=1e-3, weight_decay=0.1)
    yield "muon", lambda: O.Muon()
    yield "muon_tall", lambda: O.Muon(0.05, momentum=0.8, ns_steps=3, weight_decay=0.1)
    yield "muon_plain", lambda: O.Muon(
        0.05, nesterov=False, rms_rate=None, muon_a=3.0, muon_b=-4.0, muon_c=1.8,
        weight_decay=None)
    yield "muon_excluded", lambda: O.Muon(
        0.05, exclude_layers=["^ker"], adam_lr_ratio=0.5, adam_beta_1=0.8, adam_beta_2=0.9,
        adam_weight_decay=0.2)
    yield "schedule_free", lambda: O.ScheduleFreeAdamW()
    yield "schedule_free_warmup", lambda: O.ScheduleFreeAdamW(
        0.05, beta_1=0.8, beta_2=0.9, epsilon=1e-3, warmup_steps=6, weight_decay=0.1)
    yield "adamw_accumulation_ema_clipnorm", lambda: O.AdamW(
        0.05, gradient_accumulation_steps=4, use_ema=True, ema_momentum=0.8,
        ema_overwrite_frequency=3, clipnorm=0.5, loss_scale_factor=4.0)
    yield "sgd_schedule_accumulation", lambda: O.SGD(
        schedule.ExponentialDecay(0.1, 5, 0.5), gradient_accumulation_steps=3)
    yield "loss_scale", lambda: O.LossScaleOptimizer(
        O.Adam(0.05), initial_scale=8.0, dynamic_growth_steps=4)
    yield "loss_scale_schedule", lambda: O.LossScaleOptimizer(
        O.SGD(schedule.InverseTimeDecay(0.1, 3, 0.5), momentum=0.9, use_ema=True),
        initial_scale=2.0, dynamic_growth_steps=3)
    yield "multi", lambda: O.MultiOptimizer(
        O.OptimizerMap(O.Adam(0.05), {"k.*": O.SGD(0.1, momentum=0.9)}))
    yield "multi_schedule", lambda: O.MultiOptimizer(
        O.OptimizerMap(O.SGD(schedule.ExponentialDecay(0.1, 5, 0.5)), {
            "bias": O.Nadam(schedule.PolynomialDecay(0.1, 10)), "other/.*": O.Adam()}),
        loss_scale_factor=2.0)


def excluding(optimizer, names):
    optimizer.exclude_from_weight_decay(var_names=names)
    return optimizer


def apply(optimizer, gradients, weights):
    """A step as the trainer on JAX takes it."""
    moved, variables = optimizer.stateless_apply(
        [v.value for v in optimizer.variables], gradients, [w.value for w in weights])
    for variable, value in zip(weights + optimizer.variables, moved + variables):
        variable.assign(value)


def evaluate(name, optimizer, folder):
    random = start(name)
    weights = [keras.Variable(random.standard_normal(shape).astype("float32"), name=title)
               for title, shape in (("kernel", SHAPES.get(name, (3, 4))), ("bias", (4,)))]
    arrays = {f"weight.{i}": np.asarray(w.value) for i, w in enumerate(weights)}
    gradients = [random.standard_normal((STEPS, *w.shape)).astype("float32") for w in weights]
    if name.startswith("loss_scale"):
        gradients[0][6, 0, 0] = np.inf
        gradients[1][13, 2] = np.nan
    gradients[0][:, 1, 2] = 0  # a weight that never has a gradient still decays
    gradients[1][::2] *= 10  # large enough that clipping bites on some steps only
    after = [[], []]
    rates = []
    optimizer = optimizer()
    optimizer.build(weights)
    # Several optimizers have several learning rates: noted is that of the default.
    rated = (optimizer._optimizer_map.default_optimizer
             if isinstance(optimizer, O.MultiOptimizer) else optimizer)
    for step in range(STEPS):
        rates.append(float(np.asarray(rated.learning_rate)))
        apply(optimizer, [g[step] for g in gradients], weights)
        for i, w in enumerate(weights):
            after[i].append(np.array(w.value))
    variables = []
    for i, (w, g, steps) in enumerate(zip(weights, gradients, after)):
        arrays[f"gradients.{i}"], arrays[f"steps.{i}"] = g, np.stack(steps)
    arrays["learning_rates"] = np.array(rates, "float32")
    for i, v in enumerate(optimizer.variables):
        arrays[f"variable.{i}"] = np.asarray(v.value)
        variables.append({"name": v.name, "path": v.path, "array": f"variable.{i}"})
    averaged = getattr(optimizer, "inner_optimizer", optimizer).use_ema
    if averaged:
        optimizer.finalize_variable_values(weights)
        for i, w in enumerate(weights):
            arrays[f"finalized.{i}"] = np.asarray(w.value)
    write_npz(folder / f"{name}.npz", arrays)
    excluded = ["bias"] if "no_bias_decay" in name else []
    return {"name": name, "config": keras.saving.serialize_keras_object(optimizer),
            "weights": ["kernel", "bias"], "excluded_from_weight_decay": excluded,
            "variables": variables, "finalized": averaged}


if __name__ == "__main__":
    folder = clear(GOLDEN / "optimizers")
    finish("optimizers", [evaluate(*case, folder) for case in cases()], folder)
