"""Layers that move, repeat or cut elements, over drawn sizes."""

from layer_cases import L, case, draws, normal

FORMATS = ("channels_last", "channels_first")


def pairs(draw, rank, high):
    """How much at both ends of each axis, in one of the forms Keras takes."""
    if rank == 1:
        return draw.sizes(2, 0, high)
    form = draw("one", "each", "both")
    if form == "one":
        return draw.size(0, high)
    if form == "each":
        return draw.sizes(rank, 0, high)
    return [draw.sizes(2, 0, high) for _ in range(rank)]


def cases():
    for kind, argument in (("ZeroPadding", "padding"), ("Cropping", "cropping")):
        for rank in (1, 2, 3):
            for draw in draws(f"{kind.lower()}{rank}d", 7):
                form = draw(*FORMATS)
                settings = {argument: pairs(draw, rank, 2), "data_format": form}
                shape = draw.shape(draw.sizes(rank, 5, 6 if rank > 2 else 8), draw.size(1, 3),
                                   form == "channels_first")
                if rank == 1 and kind == "Cropping":
                    del settings["data_format"]
                    shape = draw.shape(draw.sizes(1, 5, 8), 3)
                yield case(draw.name, lambda s=settings, k=kind, r=rank: getattr(
                    L, f"{k}{r}D")(**s), normal(*shape))
    for rank in (1, 2, 3):
        for draw in draws(f"up_sampling{rank}d", 8):
            size = draw.sizes(rank, 1, 3)
            settings, form = {"size": size[0] if rank == 1 else size}, "channels_last"
            if rank > 1:
                form = draw(*FORMATS)
                settings["data_format"] = form
            if rank == 2:
                settings["interpolation"] = draw("nearest", "bilinear")
            shape = draw.shape(draw.sizes(rank, 2, 4), draw.size(1, 3), form == "channels_first")
            yield case(draw.name, lambda s=settings, r=rank: getattr(L, f"UpSampling{r}D")(**s),
                       normal(*shape))
    # Values between elements; what is below and above an element differs by method.
    for method in ("bicubic", "lanczos3", "lanczos5"):
        yield case(f"up_sampling2d_{method}", lambda m=method: L.UpSampling2D(
            2, interpolation=m), normal(1, 5, 6, 2))
    for draw in draws("permute", 8):
        rank = draw.size(1, 4)
        order = [int(i) + 1 for i in draw.random.permutation(rank)]
        yield case(draw.name, lambda o=order: L.Permute(o), normal(2, *draw.sizes(rank, 1, 5)))
    for draw in draws("reshape", 8):
        a, b, c = draw.sizes(3, 1, 4)
        target = draw((a * b * c,), (c, b, a), (-1, b), (a, -1), (c, -1, 1, a), (-1,))
        yield case(draw.name, lambda t=target: L.Reshape(t), normal(2, a, b, c))
    for draw in draws("repeat_vector", 4):
        n, features = draw.size(1, 6), draw.size(1, 6)
        yield case(draw.name, lambda n=n: L.RepeatVector(n), normal(draw.size(1, 3), features))
    for draw in draws("flatten", 6):
        form = draw(*FORMATS)
        shape = draw.sizes(draw.size(2, 5), 1, 4)
        yield case(draw.name, lambda f=form: L.Flatten(data_format=f), normal(*shape))
