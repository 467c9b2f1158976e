"""Recurrent layers, cells and wrappers over drawn sizes, flags and masks."""

from layer_cases import L, boolean, case, draws, normal

KINDS = {"SimpleRNN": 1, "LSTM": 2, "GRU": 1}


def settings_of(draw, kind):
    settings = {"units": draw(1, 2, 3, 5), "use_bias": draw(True, True, False),
                "activation": draw("tanh", "tanh", "relu", "sigmoid")}
    if kind != "SimpleRNN":
        settings["recurrent_activation"] = draw("sigmoid", "sigmoid", "hard_sigmoid")
    if kind == "GRU":
        settings["reset_after"] = draw(True, False)
    return settings


def flags(draw):
    return {name: draw(True, False) for name in ("return_sequences", "return_state")} | {
        "go_backwards": draw(True, False, False)}


def states(draw, kind, batch, units, copies=1):
    return [normal(batch, units) for _ in range(copies * KINDS[kind])]


def mask(draw, batch, steps):
    """A drawn mask with at least one step in each sequence."""
    values = draw.random.random((batch, steps)) < 0.6
    values[:, draw.size(0, steps - 1)] = True
    return boolean(values)


def layers():
    for kind in KINDS:
        for draw in draws(kind.lower(), 16):
            batch, steps = draw.size(1, 3), draw.size(1, 6)
            settings = {**settings_of(draw, kind), **flags(draw)}
            # Keras leaves the mask of reversed steps as it was; that is tested elsewhere.
            masked = draw(True, False) and not (
                settings["go_backwards"] and settings["return_sequences"])
            initial = draw(True, False, False)
            yield case(draw.name, lambda s=settings, k=kind: getattr(L, k)(**s),
                       normal(batch, steps, draw.size(1, 4)),
                       initial_state=states(draw, kind, batch, settings["units"])
                       if initial else None,
                       arrays={"mask": mask(draw, batch, steps)} if masked else None)


def cells():
    for kind, count in KINDS.items():
        for draw in draws(f"{kind.lower()}_cell", 6):
            settings = settings_of(draw, kind)
            batch, features = draw.size(1, 3), draw.size(1, 4)
            yield case(draw.name, lambda s=settings, k=kind: getattr(L, k + "Cell")(**s),
                       normal(batch, features),
                       [normal(batch, settings["units"]) for _ in range(count)])
        for draw in draws(f"rnn_of_{kind.lower()}", 5):
            settings, rest = settings_of(draw, kind), {
                name: draw(True, False) for name in ("return_sequences", "return_state")}
            yield case(draw.name, lambda s=settings, k=kind, r=rest: L.RNN(
                getattr(L, k + "Cell")(**s), **r), normal(2, draw.size(1, 5), 3))
    for draw in draws("stacked", 8):
        kinds = [draw(*KINDS) for _ in range(draw.size(1, 3))]
        inner = [(kind, settings_of(draw, kind)) for kind in kinds]
        rest = {name: draw(True, False) for name in ("return_sequences", "return_state")}
        yield case(draw.name, lambda i=inner, r=rest: L.RNN(L.StackedRNNCells(
            [getattr(L, k + "Cell")(**s) for k, s in i]), **r), normal(2, 4, 3))


def bidirectional():
    for draw in draws("bidirectional", 20):
        kind, batch, steps = draw(*KINDS), draw.size(1, 3), draw.size(1, 5)
        settings = {**settings_of(draw, kind), "return_sequences": draw(True, False)}
        masked = draw(True, False)
        yield case(draw.name, lambda s=settings, k=kind, m=draw("concat", "sum", "mul", "ave"):
                   L.Bidirectional(getattr(L, k)(**s), merge_mode=m),
                   normal(batch, steps, 3),
                   arrays={"mask": mask(draw, batch, steps)} if masked else None)


def convolutional():
    for rank, count in ((1, 8), (2, 8), (3, 4)):
        for draw in draws(f"conv_lstm{rank}d", count):
            form = draw("channels_last", "channels_first")
            settings = {"filters": draw.size(1, 3), "kernel_size": draw.size(1, 3),
                        "padding": draw("valid", "same"), "data_format": form,
                        "use_bias": draw(True, False), **flags(draw)}
            sizes = draw.sizes(rank, 3, 4)
            channels = draw.size(1, 2)
            shape = (channels, *sizes) if form == "channels_first" else (*sizes, channels)
            yield case(draw.name, lambda s=settings, r=rank: getattr(L, f"ConvLSTM{r}D")(**s),
                       normal(draw.size(1, 2), draw.size(1, 3), *shape))


def distributed():
    inner = [
        ("dense", lambda: L.Dense(3), (4,)), ("conv1d", lambda: L.Conv1D(2, 2), (4, 2)),
        ("conv2d", lambda: L.Conv2D(2, 2), (3, 4, 2)), ("flatten", lambda: L.Flatten(), (2, 3)),
        ("layer_normalization", lambda: L.LayerNormalization(), (4,)),
        ("lstm", lambda: L.LSTM(2), (3, 2)), ("embedding_like", lambda: L.Reshape((1, 4)), (4,)),
    ]
    for name, layer, shape in inner:
        for steps in (1, 3):
            yield case(f"time_distributed_{name}_{steps}",
                       lambda l=layer: L.TimeDistributed(l()), normal(2, steps, *shape))


def cases():
    yield from layers()
    yield from cells()
    yield from bidirectional()
    yield from convolutional()
    yield from distributed()
