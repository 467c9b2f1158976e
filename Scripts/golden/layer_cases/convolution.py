"""Convolutions: padding, strides, dilation, groups, transposed, depthwise, separable."""

from layer_cases import L, case, normal

FIRST = "channels_first"


def cases():
    return [*plain(), *volumes(), *large(), *transposed(), *depthwise(), *separable()]


def layers(family, entries):
    """The cases of `entries`: name, rank, hyperparameters, shape."""
    for name, rank, settings, shape in entries:
        layer = getattr(L, family.format(rank))
        yield case(name, lambda l=layer, s=settings: l(**s), normal(*shape))


def plain():
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
    yield case("conv2d_channels_first",
               lambda: L.Conv2D(4, (3, 2), padding="same", data_format=FIRST, activation="relu"),
               normal(2, 3, 5, 6))
    yield case("conv1d_channels_first",
               lambda: L.Conv1D(4, 3, strides=2, padding="causal", data_format=FIRST),
               normal(2, 3, 7))


def volumes():
    yield from layers("Conv{}D", [
        ("conv3d", 3, dict(filters=2, kernel_size=2), (1, 3, 4, 3, 2)),
        ("conv3d_same", 3, dict(filters=3, kernel_size=(3, 2, 1), padding="same"), (1, 3, 4, 3, 2)),
        ("conv3d_strides", 3, dict(filters=2, kernel_size=3, strides=(2, 1, 2), padding="same"),
         (1, 5, 3, 4, 1)),
        ("conv3d_dilated", 3, dict(filters=2, kernel_size=2, dilation_rate=(1, 2, 1)),
         (1, 3, 4, 3, 2)),
        ("conv3d_groups_relu", 3, dict(filters=4, kernel_size=2, groups=2, activation="relu"),
         (1, 3, 3, 3, 4)),
        ("conv3d_one_voxel", 3, dict(filters=2, kernel_size=3, padding="same", use_bias=False),
         (2, 1, 1, 1, 3)),
        ("conv3d_wide_kernel_same", 3, dict(filters=2, kernel_size=5, padding="same"),
         (1, 2, 3, 2, 1)),
        ("conv3d_channels_first", 3, dict(filters=2, kernel_size=2, data_format=FIRST),
         (1, 3, 2, 4, 3)),
    ])


def large():
    """Sizes at which blocked kernels run, and have a rest."""
    yield from layers("Conv{}D", [
        ("conv1d_17_channels", 1, dict(filters=19, kernel_size=5, padding="same",
                                       activation="relu"), (2, 37, 17)),
        ("conv2d_17_channels", 2, dict(filters=19, kernel_size=3, padding="same",
                                       activation="relu"), (1, 11, 13, 17)),
        ("conv2d_one_channel_strided", 2, dict(filters=33, kernel_size=5, strides=2), (1, 19, 21, 1)),
        ("conv2d_16_channels_dilated", 2, dict(filters=16, kernel_size=3, dilation_rate=3,
                                               padding="same"), (1, 12, 9, 16)),
        ("conv2d_groups_of_8", 2, dict(filters=24, kernel_size=3, groups=3), (1, 7, 9, 24)),
    ])


def transposed():
    one = [
        ("", dict(kernel_size=3), (2, 5, 3)),
        ("_same", dict(kernel_size=3, padding="same"), (2, 5, 3)),
        ("_strides", dict(kernel_size=3, strides=2), (2, 5, 3)),
        ("_strides_over_kernel", dict(kernel_size=2, strides=3), (2, 4, 3)),
        ("_same_strides", dict(kernel_size=3, strides=2, padding="same"), (2, 5, 3)),
        ("_same_even_kernel", dict(kernel_size=4, strides=2, padding="same"), (2, 5, 3)),
        ("_same_strides_over_kernel", dict(kernel_size=1, strides=3, padding="same"), (2, 4, 3)),
        ("_output_padding", dict(kernel_size=3, strides=3, output_padding=2), (2, 4, 3)),
        ("_output_padding_zero", dict(kernel_size=2, strides=3, output_padding=0), (2, 4, 3)),
        ("_same_output_padding", dict(kernel_size=3, strides=3, padding="same", output_padding=1),
         (2, 4, 3)),
        ("_same_output_padding_even", dict(kernel_size=4, strides=2, padding="same",
                                           output_padding=0), (2, 4, 3)),
        ("_dilated", dict(kernel_size=3, dilation_rate=2), (2, 5, 3)),
        ("_same_dilated", dict(kernel_size=3, dilation_rate=2, padding="same"), (2, 6, 3)),
        ("_no_bias", dict(kernel_size=2, use_bias=False), (2, 5, 3)),
        ("_relu", dict(kernel_size=4, strides=2, padding="same", activation="relu"), (2, 5, 3)),
        ("_one_step", dict(kernel_size=5, strides=2, padding="same"), (2, 1, 3)),
        ("_channels_first", dict(kernel_size=3, strides=2, data_format=FIRST), (2, 3, 5)),
        ("_17_channels", dict(filters=19, kernel_size=4, strides=2, padding="same",
                              activation="relu"), (2, 21, 17)),
    ]
    yield from layers("Conv{}DTranspose", [
        (f"conv1d_transpose{name}", 1, {"filters": 4, **settings}, shape)
        for name, settings, shape in one])
    two = [
        ("", dict(kernel_size=3), (2, 3, 4, 3)),
        ("_same", dict(kernel_size=3, padding="same"), (2, 3, 4, 3)),
        ("_same_strides", dict(kernel_size=3, strides=2, padding="same"), (2, 3, 4, 3)),
        ("_strides_mixed", dict(kernel_size=(2, 3), strides=(3, 1)), (2, 3, 4, 3)),
        ("_same_strides_mixed", dict(kernel_size=(2, 5), strides=(2, 3), padding="same"),
         (1, 3, 4, 2)),
        ("_output_padding", dict(kernel_size=3, strides=2, output_padding=1), (2, 3, 4, 3)),
        ("_same_output_padding", dict(kernel_size=(3, 4), strides=(2, 3), padding="same",
                                      output_padding=(1, 2)), (2, 3, 4, 3)),
        ("_dilated", dict(kernel_size=2, dilation_rate=(2, 1)), (2, 3, 4, 3)),
        ("_no_bias_relu", dict(kernel_size=2, strides=2, use_bias=False, activation="relu"),
         (2, 3, 4, 3)),
        ("_one_channel", dict(filters=1, kernel_size=5, strides=2, padding="same"), (1, 5, 4, 1)),
        ("_one_pixel", dict(kernel_size=3, padding="same"), (2, 1, 1, 2)),
        ("_channels_first", dict(kernel_size=(2, 3), strides=2, padding="same", data_format=FIRST),
         (2, 3, 3, 4)),
        ("_17_channels", dict(filters=9, kernel_size=3, strides=2, padding="same",
                              activation="relu"), (1, 6, 7, 17)),
    ]
    yield from layers("Conv{}DTranspose", [
        (f"conv2d_transpose{name}", 2, {"filters": 4, **settings}, shape)
        for name, settings, shape in two])
    three = [
        ("", dict(kernel_size=2), (1, 2, 3, 2, 2)),
        ("_same", dict(kernel_size=3, padding="same"), (1, 2, 3, 2, 2)),
        ("_strides", dict(kernel_size=2, strides=(2, 1, 3)), (1, 2, 2, 2, 2)),
        ("_same_strides", dict(kernel_size=3, strides=2, padding="same"), (1, 2, 2, 2, 2)),
        ("_output_padding", dict(kernel_size=3, strides=2, padding="same",
                                 output_padding=(1, 0, 1)), (1, 2, 2, 2, 2)),
        ("_dilated", dict(kernel_size=2, dilation_rate=2), (1, 2, 3, 2, 1)),
        ("_no_bias_relu", dict(kernel_size=2, use_bias=False, activation="relu"), (1, 2, 3, 2, 2)),
        ("_channels_first", dict(kernel_size=2, strides=2, data_format=FIRST), (1, 3, 2, 2, 1)),
    ]
    yield from layers("Conv{}DTranspose", [
        (f"conv3d_transpose{name}", 3, {"filters": 2, **settings}, shape)
        for name, settings, shape in three])


def depthwise():
    one = [
        ("", dict(kernel_size=3), (2, 7, 3)),
        ("_same", dict(kernel_size=3, padding="same"), (2, 7, 3)),
        ("_strides", dict(kernel_size=3, strides=2), (2, 8, 3)),
        ("_same_strides", dict(kernel_size=4, strides=3, padding="same"), (2, 8, 3)),
        ("_dilated", dict(kernel_size=3, dilation_rate=2), (2, 7, 3)),
        ("_multiplier", dict(kernel_size=3, depth_multiplier=2), (2, 7, 3)),
        ("_no_bias_relu", dict(kernel_size=2, use_bias=False, activation="relu"), (2, 7, 3)),
        ("_wide_kernel_same", dict(kernel_size=9, padding="same"), (2, 4, 3)),
        ("_one_channel", dict(kernel_size=3, depth_multiplier=3, padding="same"), (2, 7, 1)),
        ("_channels_first", dict(kernel_size=3, padding="same", depth_multiplier=2,
                                 data_format=FIRST), (2, 3, 7)),
        ("_17_channels", dict(kernel_size=3, padding="same", activation="relu"), (2, 23, 17)),
    ]
    yield from layers("DepthwiseConv{}D", [
        (f"depthwise_conv1d{name}", 1, settings, shape) for name, settings, shape in one])
    two = [
        ("", dict(kernel_size=3), (2, 5, 6, 3)),
        ("_same", dict(kernel_size=3, padding="same"), (2, 5, 6, 3)),
        ("_strides", dict(kernel_size=3, strides=2), (2, 6, 7, 3)),
        ("_same_strides_odd", dict(kernel_size=3, strides=2, padding="same"), (2, 7, 5, 3)),
        ("_dilated", dict(kernel_size=(3, 2), dilation_rate=(2, 1), padding="same"), (2, 5, 6, 3)),
        ("_multiplier", dict(kernel_size=3, depth_multiplier=3, padding="same"), (2, 4, 5, 2)),
        ("_no_bias_relu", dict(kernel_size=2, use_bias=False, activation="relu"), (2, 5, 6, 3)),
        ("_one_pixel", dict(kernel_size=3, padding="same"), (2, 1, 1, 3)),
        ("_channels_first", dict(kernel_size=(2, 3), depth_multiplier=2, data_format=FIRST),
         (2, 3, 4, 5)),
        ("_17_channels", dict(kernel_size=3, padding="same", activation="relu"), (1, 11, 9, 17)),
        ("_32_channels_strided", dict(kernel_size=5, strides=2, padding="same"), (1, 9, 8, 32)),
    ]
    yield from layers("DepthwiseConv{}D", [
        (f"depthwise_conv2d{name}", 2, settings, shape) for name, settings, shape in two])


def separable():
    one = [
        ("", dict(kernel_size=3), (2, 7, 3)),
        ("_same", dict(kernel_size=3, padding="same"), (2, 7, 3)),
        ("_strides", dict(kernel_size=3, strides=2, padding="same"), (2, 8, 3)),
        ("_dilated", dict(kernel_size=3, dilation_rate=2), (2, 7, 3)),
        ("_multiplier", dict(kernel_size=3, depth_multiplier=2), (2, 7, 3)),
        ("_no_bias_relu", dict(kernel_size=2, use_bias=False, activation="relu"), (2, 7, 3)),
        ("_wide_kernel_same", dict(kernel_size=7, padding="same"), (2, 3, 2)),
        ("_channels_first", dict(kernel_size=3, padding="same", data_format=FIRST), (2, 3, 7)),
    ]
    yield from layers("SeparableConv{}D", [
        (f"separable_conv1d{name}", 1, {"filters": 4, **settings}, shape)
        for name, settings, shape in one])
    two = [
        ("", dict(kernel_size=3), (2, 5, 6, 3)),
        ("_same", dict(kernel_size=(3, 2), padding="same"), (2, 5, 6, 3)),
        ("_strides", dict(kernel_size=3, strides=2), (2, 7, 6, 3)),
        ("_dilated", dict(kernel_size=3, dilation_rate=2, padding="same"), (2, 5, 6, 3)),
        ("_multiplier", dict(kernel_size=3, depth_multiplier=2, activation="tanh"), (2, 4, 5, 3)),
        ("_no_bias_relu", dict(kernel_size=2, use_bias=False, activation="relu"), (2, 5, 6, 3)),
        ("_channels_first", dict(kernel_size=2, depth_multiplier=2, data_format=FIRST),
         (2, 3, 4, 5)),
        ("_17_channels", dict(filters=19, kernel_size=3, padding="same", activation="relu"),
         (1, 9, 11, 17)),
    ]
    yield from layers("SeparableConv{}D", [
        (f"separable_conv2d{name}", 2, {"filters": 4, **settings}, shape)
        for name, settings, shape in two])
