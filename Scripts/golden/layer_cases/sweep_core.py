"""Dense layers, embeddings and activations over drawn sizes."""

from layer_cases import L, case, draws, integers, normal

ACTIVATIONS = (None, "relu", "gelu", "silu", "tanh", "sigmoid", "softmax", "elu", "softplus")
EQUATIONS = (
    ("ab,bc->ac", (3,), "c", (4,)), ("abc,cd->abd", (None, 3), "d", (3, 4)),
    ("abc,cde->abde", (None, 2, 3), "de", (3, 4)), ("abc,bcd->ad", (5,), "d", (3, 4)),
    ("abc,bd->acd", (4, 3), "d", (3, 4)), ("abcd,cde->abe", (None, 3), "e", (2, 3, 2)),
    ("...x,xy->...y", (4,), "y", (3, 5)), ("ab...,bc->ac...", (3,), None, (5, 4)),
)


def cases():
    for draw in draws("dense", 20):
        rank = draw.size(1, 3)
        settings = {"units": draw(1, 2, 3, 8, 17), "use_bias": draw(True, True, False),
                    "activation": draw(*ACTIVATIONS)}
        yield case(draw.name, lambda s=settings: L.Dense(**s),
                   normal(draw(1, 2, 5), *draw.sizes(rank - 1, 1, 3), draw(1, 4, 7, 19)))
    for index, (equation, shape, axes, inputs) in enumerate(EQUATIONS):
        for bias in (None, axes) if axes else (None,):
            for activation in (None, "relu"):
                name = f"einsum_dense_{index}{'_bias' if bias else ''}_{activation or 'linear'}"
                yield case(name, lambda e=equation, s=shape, b=bias, a=activation: L.EinsumDense(
                    e, output_shape=s, bias_axes=b, activation=a), normal(2, *inputs))
    for draw in draws("embedding", 10):
        vocabulary = draw.size(1, 9)
        settings = {"input_dim": vocabulary, "output_dim": draw.size(1, 6),
                    "mask_zero": draw(True, False)}
        yield case(draw.name, lambda s=settings: L.Embedding(**s),
                   integers(vocabulary, *draw.sizes(draw.size(1, 3), 1, 4)))
    for draw in draws("reversible_embedding", 12):
        vocabulary, width, reverse = draw.size(2, 9), draw.size(1, 6), draw(True, False)
        settings = {"input_dim": vocabulary, "output_dim": width,
                    "tie_weights": draw(True, False),
                    "logit_soft_cap": draw(None, None, 2.0)}
        inputs = normal(2, draw.size(1, 4), width) if reverse else integers(
            vocabulary, 2, draw.size(1, 4))
        yield case(draw.name, lambda s=settings: L.ReversibleEmbedding(**s), inputs,
                   arguments={"reverse": reverse})
    for draw in draws("prelu", 10):
        rank = draw.size(2, 4)
        axes = [axis for axis in range(1, rank) if draw(True, False)]
        yield case(draw.name, lambda a=axes: L.PReLU(shared_axes=a or None),
                   normal(2, *draw.sizes(rank - 1, 1, 4)))
    for draw in draws("leaky_relu", 4):
        yield case(draw.name, lambda s=draw(0.0, 0.01, 0.3, 1.0): L.LeakyReLU(s), normal(3, 7))
    for draw in draws("elu", 4):
        yield case(draw.name, lambda a=draw(0.1, 1.0, 2.0): L.ELU(a), normal(3, 7, scale=2))
    for draw in draws("relu", 8):
        settings = {"max_value": draw(None, 1.0, 6.0), "negative_slope": draw(0.0, 0.2),
                    "threshold": draw(0.0, 0.5)}
        yield case(draw.name, lambda s=settings: L.ReLU(**s), normal(3, 9, scale=4))
    for draw in draws("softmax", 10):
        rank = draw.size(2, 4)
        axis = draw(-1, draw.size(1, rank - 1), [rank - 2, rank - 1] if rank > 2 else -1)
        yield case(draw.name, lambda a=axis: L.Softmax(axis=a),
                   normal(2, *draw.sizes(rank - 1, 2, 5), scale=2))
    for draw in draws("activation", 16):
        yield case(draw.name, lambda a=draw(*ACTIVATIONS[1:], "mish", "selu", "hard_silu"):
                   L.Activation(a), normal(draw.size(1, 3), *draw.sizes(2, 1, 9), scale=3))
    for draw in draws("rescaling", 5):
        yield case(draw.name, lambda s=draw(0.5, 1 / 127.5), o=draw(0.0, -1.0): L.Rescaling(s, o),
                   normal(2, 4, 3, scale=50))
