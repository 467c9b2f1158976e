"""Activation with every function, also at extreme values, and the layers of functions."""

from layer_cases import L, MASKS, boolean, case, constant, normal

ACTIVATIONS = """celu elu exponential gelu glu hard_shrink hard_sigmoid hard_silu hard_tanh
leaky_relu linear log_sigmoid log_softmax mish relu relu6 selu sigmoid silu soft_shrink softmax
softplus softsign sparse_plus sparse_sigmoid sparsemax squareplus tanh tanh_shrink""".split()

EXTREMES = constant([[-100, -30, -1e-4, 0.5, 1e-4, 30, 88, 100]])


def cases():
    for name in ACTIVATIONS:
        yield case(f"activation_{name}", lambda n=name: L.Activation(n), normal(4, 12, scale=2.5))
    # Values at which a careless formula overflows, underflows or cancels.
    for name in ("sigmoid", "log_sigmoid", "softplus", "tanh", "silu", "gelu", "mish", "elu",
                 "selu", "softmax", "log_softmax", "squareplus"):
        yield case(f"activation_{name}_extremes", lambda n=name: L.Activation(n), EXTREMES)
    yield case("activation_softmax_rank_3", lambda: L.Activation("softmax"), normal(2, 3, 4))
    yield from layers()


def layers():
    x = normal(5, 17, scale=2.5)
    relu = [
        ("maximum", dict(max_value=1.0)), ("six", dict(max_value=6)),
        ("slope", dict(negative_slope=0.3)), ("threshold", dict(threshold=1.2)),
        ("slope_and_maximum", dict(negative_slope=0.3, max_value=2.0)),
        ("slope_and_threshold", dict(negative_slope=0.3, threshold=0.5)),
        ("of_nothing", dict(max_value=0.0)), ("threshold_above_maximum",
                                               dict(max_value=1.0, threshold=2.0)),
    ]
    for name, settings in relu:
        yield case(f"relu_{name}", lambda s=settings: L.ReLU(**s), x)
    yield case("leaky_relu_standard", lambda: L.LeakyReLU(), x)
    yield case("leaky_relu_zero_slope", lambda: L.LeakyReLU(0.0), x)
    yield case("elu_extremes", lambda: L.ELU(0.3), EXTREMES)
    yield case("prelu", lambda: L.PReLU(), x)
    yield case("prelu_shared", lambda: L.PReLU(shared_axes=[1, 2]), normal(2, 3, 4, 5))
    yield case("prelu_shared_middle", lambda: L.PReLU(shared_axes=[2]), normal(2, 3, 4, 5))
    yield case("softmax_axes", lambda: L.Softmax(axis=[1, 3]), normal(2, 3, 4, 5))
    yield case("softmax_axis_list", lambda: L.Softmax(axis=[-2]), normal(2, 3, 4))
    for name, mask in MASKS.items():
        yield case(f"softmax_mask_{name}", lambda: L.Softmax(), normal(3, 5),
                   masks={0: boolean(mask)})
