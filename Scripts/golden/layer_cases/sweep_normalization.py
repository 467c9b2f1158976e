"""Normalization over drawn axes and sizes."""

from layer_cases import L, MASKS, boolean, case, draws, normal


def cases():
    for draw in draws("batch_normalization", 20):
        rank = draw.size(2, 5)
        settings = {"axis": draw.size(1, rank - 1), "center": draw(True, True, False),
                    "scale": draw(True, True, False), "momentum": draw(0.99, 0.5, 0.9),
                    "epsilon": draw(1e-3, 1e-2)}
        yield case(draw.name, lambda s=settings: L.BatchNormalization(**s),
                   normal(draw.size(3, 4), *draw.sizes(rank - 1, 2, 3), mean=0.5),
                   training=draw(True, False))
    for mask in ("right_padded", "left_padded", "holes"):
        for training in (True, False):
            yield case(f"batch_normalization_mask_{mask}_{training}".lower(),
                       lambda: L.BatchNormalization(), normal(3, 5, 4), training=training,
                       arrays={"mask": boolean(MASKS[mask])})
    for draw in draws("layer_normalization", 14):
        rank = draw.size(2, 4)
        axes = sorted(int(a) for a in 1 + draw.random.permutation(rank - 1)[:draw.size(1, 2)])
        settings = {"axis": draw(-1, axes), "center": draw(True, False), "scale": draw(True, False),
                    "epsilon": draw(1e-3, 1e-5)}
        yield case(draw.name, lambda s=settings: L.LayerNormalization(**s),
                   normal(2, *draw.sizes(rank - 1, 3, 6)))
    for draw in draws("group_normalization", 14):
        groups, rank = draw(1, 2, 3, -1), draw.size(2, 4)
        channels = 6 if groups != -1 else draw.size(2, 5)
        axis = draw(-1, 1) if rank > 2 else -1
        shape = [2, *draw.sizes(rank - 1, 2, 4)]
        shape[axis] = channels
        settings = {"groups": groups, "axis": axis, "center": draw(True, False),
                    "scale": draw(True, False), "epsilon": draw(1e-3, 1e-2)}
        yield case(draw.name, lambda s=settings: L.GroupNormalization(**s), normal(*shape))
    for draw in draws("rms_normalization", 10):
        rank = draw.size(2, 4)
        axis = draw(-1, draw.size(1, rank - 1), list(range(1, rank)))
        yield case(draw.name, lambda a=axis, e=draw(1e-6, 1e-3): L.RMSNormalization(
            axis=a, epsilon=e), normal(2, *draw.sizes(rank - 1, 3, 5)))
    for draw in draws("unit_normalization", 8):
        rank = draw.size(2, 4)
        axis = draw(-1, draw.size(1, rank - 1), list(range(1, rank)))
        yield case(draw.name, lambda a=axis: L.UnitNormalization(axis=a),
                   normal(2, *draw.sizes(rank - 1, 2, 5)))
    inner = [
        ("dense", lambda: L.Dense(3), (2, 5)), ("conv1d", lambda: L.Conv1D(3, 2), (2, 5, 2)),
        ("conv2d", lambda: L.Conv2D(2, 2), (1, 4, 5, 2)),
        ("conv2d_same", lambda: L.Conv2D(2, 3, padding="same", use_bias=False), (1, 4, 5, 2)),
    ]
    for name, layer, shape in inner:
        for training in (False, True):
            for power in (1, 3):
                yield case(f"spectral_{name}_{power}{'_training' if training else ''}",
                           lambda l=layer, p=power: L.SpectralNormalization(
                               l(), power_iterations=p), normal(*shape), training=training)
