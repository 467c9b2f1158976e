"""Normalization in training and in inference."""

from layer_cases import L, MASKS, T, F, boolean, case, constant, integers, normal


def cases():
    yield from batch_normalization()
    yield from batch_renormalization()
    yield from layer_normalization()
    yield from group_normalization()
    yield from other()
    yield from spectral_normalization()


def batch_normalization():
    batch = [
        ("", {}, (6, 4)), ("_rank_3", {}, (3, 5, 4)), ("_rank_4", {}, (2, 3, 3, 4)),
        ("_rank_5", {}, (2, 2, 3, 2, 3)),
        ("_no_center", {"center": False}, (6, 4)), ("_no_scale", {"scale": False}, (6, 4)),
        ("_plain", {"center": False, "scale": False}, (6, 4)),
        ("_axis_1", {"axis": 1}, (3, 4, 5)), ("_axis_1_of_4", {"axis": 1}, (2, 3, 4, 3)),
        ("_axis_minus_2", {"axis": -2}, (2, 3, 4, 3)),
        ("_momentum_epsilon", {"momentum": 0.8, "epsilon": 0.01}, (6, 4)),
        ("_one_channel", {}, (5, 7, 1)), ("_17_channels", {}, (9, 17)),
        ("_one_sample", {}, (1, 5)), ("_large", {}, (37, 19)),
    ]
    for name, settings, shape in batch:
        for training in (False, True):
            suffix = "_training" if training else "_inference"
            # Of one sample only rounding is left, times 1 / sqrt(epsilon).
            yield case(f"batch_normalization{name}{suffix}",
                       lambda s=settings: L.BatchNormalization(**s), normal(*shape),
                       training=training)
    for mask in MASKS:
        for training in (False, True):
            suffix = "_training" if training else "_inference"
            yield case(f"batch_normalization_mask_{mask}{suffix}", lambda: L.BatchNormalization(),
                       normal(3, 5, 4), training=training, arrays={"mask": boolean(MASKS[mask])})
    yield case("batch_normalization_mask_no_data_training", lambda: L.BatchNormalization(),
               normal(2, 3, 2), training=True, arrays={"mask": boolean([[F, F, F], [F, F, F]])})
    yield case("batch_normalization_mask_axis_1_training", lambda: L.BatchNormalization(axis=1),
               normal(3, 5, 4), training=True, arrays={"mask": boolean(MASKS["holes"])})
    yield case("batch_normalization_frozen_training",
               lambda: L.BatchNormalization(trainable=False), normal(6, 4), training=True)
    yield case("batch_normalization_far_mean_training", lambda: L.BatchNormalization(),
               normal(8, 3, mean=20), training=True, tolerance=1e-4)


def batch_renormalization():
    clips = {"rmax": 1.2, "rmin": 0.5, "dmax": 0.4}
    settings = [
        ("", {}), ("_clipping", {"renorm_clipping": clips}),
        ("_rmax", {"renorm_clipping": {"rmax": 0.9}}),
        ("_dmax_zero", {"renorm_clipping": {"dmax": 0.0}}),
        ("_momentum", {"renorm_momentum": 0.7, "momentum": 0.9}),
        ("_no_center", {"center": False}), ("_no_scale", {"scale": False}),
        ("_plain", {"center": False, "scale": False}),
    ]
    for name, rest in settings:
        yield case(f"batch_renormalization{name}_training",
                   lambda r=rest: L.BatchNormalization(renorm=True, **r), normal(6, 4),
                   training=True)
    yield case("batch_renormalization_inference", lambda: L.BatchNormalization(renorm=True),
               normal(6, 4))
    yield case("batch_renormalization_axis_1_training",
               lambda: L.BatchNormalization(axis=1, renorm=True), normal(3, 4, 5), training=True)
    yield case("batch_renormalization_mask_training", lambda: L.BatchNormalization(renorm=True),
               normal(3, 5, 4), training=True, arrays={"mask": boolean(MASKS["all_padding"])})
    yield case("batch_renormalization_frozen_training",
               lambda: L.BatchNormalization(renorm=True, trainable=False), normal(6, 4),
               training=True)


def layer_normalization():
    layer = [
        ("", {}, (3, 6)), ("_rank_3", {}, (2, 3, 6)), ("_axis_1", {"axis": 1}, (2, 3, 6)),
        ("_axes", {"axis": [1, 2]}, (2, 3, 4)), ("_axes_of_4", {"axis": [-2, -1]}, (2, 3, 2, 4)),
        ("_axes_apart", {"axis": [1, 3]}, (2, 3, 2, 4)), ("_rank_5", {}, (2, 2, 1, 3, 4)),
        ("_no_center", {"center": False}, (3, 6)), ("_no_scale", {"scale": False}, (3, 6)),
        ("_plain", {"center": False, "scale": False}, (3, 6)),
        ("_axis_1_plain", {"axis": 1, "center": False, "scale": False}, (2, 3, 6)),
        ("_epsilon", {"epsilon": 0.1}, (3, 6)), ("_17", {}, (5, 17)), ("_large", {}, (13, 130)),
        ("_rms_scaling", {"rms_scaling": True}, (3, 6)),
        ("_rms_scaling_axes", {"rms_scaling": True, "axis": [1, 2], "scale": False}, (2, 3, 4)),
    ]
    for name, settings, shape in layer:
        yield case(f"layer_normalization{name}", lambda s=settings: L.LayerNormalization(**s),
                   normal(*shape))
    yield case("layer_normalization_one_feature", lambda: L.LayerNormalization(), normal(3, 1),
               tolerance=1e-4)  # Keras takes the difference of two large numbers
    yield case("layer_normalization_far_mean", lambda: L.LayerNormalization(),
               normal(3, 6, mean=20))
    yield case("layer_normalization_mask", lambda: L.LayerNormalization(), normal(3, 5, 4),
               arrays={"mask": boolean(MASKS["all_padding"])})


def group_normalization():
    group = [
        ("", {"groups": 2}, (3, 6)), ("_rank_3", {"groups": 3}, (2, 3, 6)),
        ("_rank_4", {"groups": 2}, (2, 3, 2, 4)), ("_rank_5", {"groups": 2}, (2, 2, 2, 1, 4)),
        ("_axis_1", {"groups": 2, "axis": 1}, (2, 4, 3)),
        ("_axis_1_of_4", {"groups": 3, "axis": 1}, (2, 6, 2, 3)),
        ("_axis_minus_2", {"groups": 2, "axis": -2}, (2, 3, 4, 2)),
        ("_instance", {"groups": -1}, (2, 5, 3)), ("_one_group", {"groups": 1}, (2, 3, 4)),
        ("_no_center", {"groups": 2, "center": False}, (2, 3, 4)),
        ("_no_scale", {"groups": 2, "scale": False}, (2, 3, 4)),
        ("_plain", {"groups": 2, "center": False, "scale": False}, (2, 3, 4)),
        ("_epsilon", {"groups": 2, "epsilon": 0.1}, (2, 3, 4)),
        ("_default", {}, (2, 2, 64)),
    ]
    for name, settings, shape in group:
        yield case(f"group_normalization{name}", lambda s=settings: L.GroupNormalization(**s),
                   normal(*shape))


def other():
    # Where the axes are not the last ones, Keras broadcasts the scale along the wrong ones.
    rms = [("", {}, (3, 6)), ("_rank_3", {}, (2, 3, 6)), ("_rank_4", {}, (2, 2, 3, 5)),
           ("_axes", {"axis": [1, 2]}, (2, 3, 4)), ("_axes_negative", {"axis": [-2, -1]}, (2, 3, 4)),
           ("_epsilon", {"epsilon": 0.1}, (3, 6)), ("_17", {}, (5, 17)), ("_large", {}, (13, 130))]
    for name, settings, shape in rms:
        yield case(f"rms_normalization{name}", lambda s=settings: L.RMSNormalization(**s),
                   normal(*shape))
    unit = [("", {}, (3, 6)), ("_axis_1", {"axis": 1}, (2, 3, 4)),
            ("_axes", {"axis": [1, 2]}, (2, 3, 4)), ("_axes_apart", {"axis": [1, 3]}, (2, 3, 2, 4)),
            ("_rank_5", {"axis": -1}, (2, 2, 1, 2, 3)), ("_one_feature", {}, (3, 1))]
    for name, settings, shape in unit:
        yield case(f"unit_normalization{name}", lambda s=settings: L.UnitNormalization(**s),
                   normal(*shape))
    yield case("unit_normalization_mask", lambda: L.UnitNormalization(), normal(3, 5, 4),
               arrays={"mask": boolean(MASKS["all_padding"])})
    yield case("unit_normalization_zeros", lambda: L.UnitNormalization(),
               constant([[0, 0, 0], [1, -2, 2]]), gradients=False)


def spectral_normalization():
    inner = [
        ("dense", lambda: L.Dense(3), (4, 5)), ("dense_relu", lambda: L.Dense(7, "relu"), (3, 2)),
        ("conv2d", lambda: L.Conv2D(4, 3, padding="same"), (2, 4, 5, 3)),
        ("conv1d", lambda: L.Conv1D(2, 2, use_bias=False), (2, 5, 3)),
        ("einsum_dense", lambda: L.EinsumDense("abc,cde->abde", (None, 2, 3)), (2, 3, 4)),
    ]
    for name, make, shape in inner:
        for training in (False, True):
            suffix = "_training" if training else "_inference"
            yield case(f"spectral_normalization_{name}{suffix}",
                       lambda m=make: L.SpectralNormalization(m()), normal(*shape),
                       training=training)
    yield case("spectral_normalization_iterations_training",
               lambda: L.SpectralNormalization(L.Dense(4), power_iterations=5), normal(3, 6),
               training=True)
    # Kernels of zeros stay zeros.
    yield case("spectral_normalization_zeros_training",
               lambda: L.SpectralNormalization(L.Dense(4, kernel_initializer="zeros",
                                                       bias_initializer="ones")),
               normal(3, 6), training=True, random_weights=False, gradients=False)
