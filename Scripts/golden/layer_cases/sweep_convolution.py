"""Convolutions of every kind over drawn windows, strides, dilations, groups and sizes."""

from layer_cases import L, case, draws, normal

FORMATS = ("channels_last", "channels_last", "channels_first")


def window(draw, rank, causal=False):
    """Kernel, strides, padding and dilation; Keras takes strides or dilation, not both."""
    settings = {"kernel_size": draw.sizes(rank, 1, 4 if rank < 3 else 3),
                "padding": draw("valid", "same", *(["causal"] if causal else []))}
    if draw(True, False):
        settings["strides"] = draw.sizes(rank, 1, 3)
    elif draw(True, False):
        settings["dilation_rate"] = draw.sizes(rank, 1, 2)
    return settings


def common(draw):
    return {"use_bias": draw(True, True, False),
            "activation": draw(None, None, "relu", "tanh", "gelu")}


def spatial(draw, rank):
    return draw.sizes(rank, 7, 11) if rank < 3 else draw.sizes(rank, 5, 6)


def standard(rank, count):
    for draw in draws(f"conv{rank}d", count):
        groups = draw(1, 1, 2, 3)
        channels = groups * draw.size(1, 3)
        form = draw(*FORMATS)
        settings = {"filters": groups * draw.size(1, 3), "groups": groups, "data_format": form,
                    **window(draw, rank, rank == 1 and form == "channels_last"), **common(draw)}
        shape = draw.shape(spatial(draw, rank), channels, form == "channels_first")
        yield case(draw.name, lambda s=settings, r=rank: getattr(L, f"Conv{r}D")(**s),
                   normal(*shape))


def transposed(rank, count):
    for draw in draws(f"conv{rank}d_transpose", count):
        form = draw(*FORMATS)
        settings = {"filters": draw.size(1, 4), "data_format": form, **window(draw, rank),
                    **common(draw)}
        strides = settings.get("strides")
        if strides and draw(True, False):
            settings["output_padding"] = [draw.size(0, s - 1) for s in strides]
        sizes = draw.sizes(rank, 3, 5) if rank < 3 else draw.sizes(rank, 2, 3)
        shape = draw.shape(sizes, draw.size(1, 3), form == "channels_first")
        yield case(draw.name, lambda s=settings, r=rank: getattr(L, f"Conv{r}DTranspose")(**s),
                   normal(*shape))


def by_channel(kind, rank, count):
    for draw in draws(f"{kind.lower()}_conv{rank}d", count):
        form = draw(*FORMATS)
        settings = {"depth_multiplier": draw.size(1, 3), "data_format": form,
                    **window(draw, rank), **common(draw)}
        # Keras wants the same stride along both axes here.
        for key in ("strides", "dilation_rate"):
            if key in settings:
                settings[key] = settings[key][0]
        if kind == "Separable":
            settings["filters"] = draw.size(1, 4)
        shape = draw.shape(spatial(draw, rank), draw.size(1, 4), form == "channels_first")
        yield case(draw.name, lambda s=settings, k=kind, r=rank: getattr(L, f"{k}Conv{r}D")(**s),
                   normal(*shape))


def wide():
    """Sizes at which fast kernels run: many channels, and rows that no vector divides."""
    for channels, filters, kernel in ((17, 5, 3), (1, 33, 5), (16, 16, 3), (8, 19, 1)):
        yield case(f"conv2d_wide_{channels}_{filters}", lambda f=filters, k=kernel: L.Conv2D(
            f, k, padding="same"), normal(1, 7, 9, channels))
        yield case(f"conv1d_wide_{channels}_{filters}", lambda f=filters, k=kernel: L.Conv1D(
            f, k, padding="causal"), normal(1, 23, channels))
    yield case("depthwise_conv2d_wide", lambda: L.DepthwiseConv2D(3, padding="same"),
               normal(1, 9, 7, 33))


def cases():
    for rank, count in ((1, 20), (2, 24), (3, 12)):
        yield from standard(rank, count)
    for rank, count in ((1, 14), (2, 16), (3, 8)):
        yield from transposed(rank, count)
    for kind in ("Depthwise", "Separable"):
        for rank in (1, 2):
            yield from by_channel(kind, rank, 12)
    yield from wide()
