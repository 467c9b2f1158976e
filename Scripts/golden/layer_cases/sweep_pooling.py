"""Pooling of every kind over drawn windows, strides and sizes."""

from layer_cases import L, case, draws, normal

FORMATS = ("channels_last", "channels_last", "channels_first")


def sizes(draw, rank):
    return draw.sizes(rank, 6, 9) if rank < 3 else draw.sizes(rank, 4, 5)


def cases():
    for kind in ("Max", "Average"):
        for rank, count in ((1, 12), (2, 16), (3, 10)):
            for draw in draws(f"{kind.lower()}_pooling{rank}d", count):
                form = draw(*FORMATS)
                settings = {"pool_size": draw.sizes(rank, 1, 3), "padding": draw("valid", "same"),
                            "data_format": form}
                if draw(True, True, False):
                    settings["strides"] = draw.sizes(rank, 1, 3)
                shape = draw.shape(sizes(draw, rank), draw.size(1, 3), form == "channels_first")
                yield case(draw.name,
                           lambda s=settings, k=kind, r=rank: getattr(L, f"{k}Pooling{r}D")(**s),
                           normal(*shape))
            for draw in draws(f"global_{kind.lower()}_pooling{rank}d", 4):
                form = draw("channels_last", "channels_first")
                settings = {"keepdims": draw(True, False), "data_format": form}
                shape = draw.shape(sizes(draw, rank), draw.size(1, 5), form == "channels_first")
                yield case(draw.name, lambda s=settings, k=kind, r=rank: getattr(
                    L, f"Global{k}Pooling{r}D")(**s), normal(*shape))
            for draw in draws(f"adaptive_{kind.lower()}_pooling{rank}d", 6):
                form = draw(*FORMATS)
                settings = {"output_size": draw.sizes(rank, 1, 4), "data_format": form}
                if rank == 1 or draw(True, False):
                    settings["output_size"] = settings["output_size"][0]
                shape = draw.shape(sizes(draw, rank), draw.size(1, 3), form == "channels_first")
                yield case(draw.name, lambda s=settings, k=kind, r=rank: getattr(
                    L, f"Adaptive{k}Pooling{r}D")(**s), normal(*shape))
        yield case(f"{kind.lower()}_pooling2d_wide", lambda k=kind: getattr(
            L, f"{k}Pooling2D")(3, strides=2, padding="same"), normal(1, 13, 11, 17))
