"""Golden data of learning rate schedules: the learning rates at many steps."""

from common import GOLDEN, clear, finish, keras, np

S = keras.optimizers.schedules
STEPS = [*range(0, 41), 99, 100, 101, 150, 1000, 12345]


def cases():
    yield "cosine", S.CosineDecay(0.1, 30)
    yield "cosine_alpha", S.CosineDecay(0.1, 25, alpha=0.2)
    yield "cosine_warmup", S.CosineDecay(0.01, 20, alpha=0.1, warmup_target=0.3, warmup_steps=9)
    yield "cosine_target_without_warmup", S.CosineDecay(0.01, 20, warmup_target=0.3)
    yield "restarts", S.CosineDecayRestarts(0.1, 7)
    yield "restarts_equal", S.CosineDecayRestarts(0.1, 7, t_mul=1.0, m_mul=0.9, alpha=0.05)
    yield "restarts_lower", S.CosineDecayRestarts(0.1, 5, t_mul=1.5, m_mul=0.8, alpha=0.1)
    yield "exponential", S.ExponentialDecay(0.1, 10, 0.8)
    yield "exponential_staircase", S.ExponentialDecay(0.1, 10, 0.8, staircase=True)
    yield "inverse_time", S.InverseTimeDecay(0.1, 10, 0.5)
    yield "inverse_time_staircase", S.InverseTimeDecay(0.1, 10, 0.5, staircase=True)
    yield "piecewise", S.PiecewiseConstantDecay([5, 20, 100], [0.1, 0.05, 0.3, 0.001])
    yield "polynomial", S.PolynomialDecay(0.1, 25)
    yield "polynomial_power", S.PolynomialDecay(0.1, 25, end_learning_rate=0.01, power=2.5)
    yield "polynomial_cycle", S.PolynomialDecay(0.1, 12, end_learning_rate=0.01, cycle=True)


def evaluate(name, schedule):
    return {"name": name, "config": keras.saving.serialize_keras_object(schedule),
            "steps": STEPS, "values": [float(np.asarray(schedule(step))) for step in STEPS]}


if __name__ == "__main__":
    folder = clear(GOLDEN / "schedules")
    finish("schedules", [evaluate(*case) for case in cases()], folder)
