"""Recurrent layers, their cells, and the layers around them."""

from layer_cases import L, MASKS, boolean, case, integers, normal

KINDS = {"simple_rnn": L.SimpleRNN, "lstm": L.LSTM, "gru": L.GRU}
CELLS = {"simple_rnn": L.SimpleRNNCell, "lstm": L.LSTMCell, "gru": L.GRUCell}
HOLES = {"mask": boolean(MASKS["holes"])}
ALL = {"return_sequences": True, "return_state": True}


def cases():
    yield from recurrent()
    yield from variations()
    yield from large()
    yield from cells()
    yield from loops()
    yield from bidirectional()
    yield from bidirectional_loops()
    yield from time_distributed()
    yield from convolutional()


def recurrent():
    for kind in ("SimpleRNN", "LSTM", "GRU"):
        layer = getattr(L, kind)
        name = kind.lower().replace("simplernn", "simple_rnn")
        settings = [
            ("", {}), ("_sequences_state", {"return_sequences": True, "return_state": True}),
            ("_backwards", {"go_backwards": True}),
            ("_backwards_sequences", {"go_backwards": True, "return_sequences": True}),
            ("_no_bias", {"use_bias": False, "return_sequences": True}),
            ("_relu", {"activation": "relu", "return_sequences": True}),
        ]
        if kind != "SimpleRNN":
            settings += [("_hard_sigmoid", {"recurrent_activation": "hard_sigmoid",
                                            "activation": "softsign", "return_sequences": True})]
        if kind == "GRU":
            settings += [
                ("_reset_before", {"reset_after": False, "return_sequences": True}),
                ("_reset_before_no_bias", {"reset_after": False, "use_bias": False}),
                ("_reset_before_backwards", {"reset_after": False, "go_backwards": True,
                                             "return_sequences": True, "return_state": True}),
            ]
        for suffix, rest in settings:
            yield case(name + suffix, lambda l=layer, r=rest: l(4, **r), normal(3, 5, 3))
        masked = [(m, ALL) for m in MASKS] + [("all_padding", {})]
        masked += [("right_padded", {"go_backwards": True, "return_sequences": True}),
                   ("holes", {"go_backwards": True, "return_sequences": True}),
                   ("left_padded", {"go_backwards": True})]
        for mask, rest in masked:
            suffix = "_backwards" if rest.get("go_backwards") else ""
            suffix += "_sequences" if rest.get("return_sequences") else ""
            yield case(f"{name}_mask_{mask}{suffix}", lambda l=layer, r=rest: l(4, **r),
                       normal(3, 5, 3), arrays={"mask": boolean(MASKS[mask])})
        if kind == "GRU":
            yield case("gru_reset_before_mask_holes", lambda: L.GRU(4, reset_after=False,
                       return_sequences=True), normal(3, 5, 3),
                       arrays={"mask": boolean(MASKS["holes"])})


def bidirectional():
    for mode in ("concat", "sum", "mul", "ave", None):
        for sequences in (False, True) if mode in ("concat", None) else (True,):
            name = f"bidirectional_{mode or 'separate'}{'_sequences' if sequences else ''}"
            yield case(name, lambda m=mode, s=sequences: L.Bidirectional(
                L.LSTM(3, return_sequences=s), merge_mode=m), normal(3, 5, 4))
    for kind in ("GRU", "SimpleRNN"):
        yield case(f"bidirectional_{kind.lower()}", lambda k=kind: L.Bidirectional(
            getattr(L, k)(3, return_sequences=True)), normal(3, 5, 4))
    for mask in MASKS:
        for sequences in (False, True) if mask == "holes" else (True,):
            name = f"bidirectional_mask_{mask}{'_sequences' if sequences else ''}"
            yield case(name, lambda s=sequences: L.Bidirectional(L.LSTM(3, return_sequences=s)),
                       normal(3, 5, 4), arrays={"mask": boolean(MASKS[mask])})
    yield case("bidirectional_state", lambda: L.Bidirectional(
        L.LSTM(3, return_sequences=True, return_state=True)), normal(3, 5, 4))
    yield case("bidirectional_backward_layer", lambda: L.Bidirectional(
        L.LSTM(3, return_sequences=True),
        backward_layer=L.LSTM(2, return_sequences=True, go_backwards=True, use_bias=False)),
        normal(3, 5, 4))



def states(kind, *shape):
    return [normal(*shape)] * (2 if kind == "lstm" else 1)


def variations():
    """Initial states, steps written out, zeros for masked steps, small and odd sizes."""
    for name, layer in KINDS.items():
        for suffix, rest in (("", ALL), ("_backwards", {"go_backwards": True})):
            yield case(f"{name}_initial_state{suffix}", lambda l=layer, r=rest: l(4, **r),
                       normal(3, 5, 3), initial_state=states(name, 3, 4))
        for mask in ("left_padded", "all_padding"):
            yield case(f"{name}_initial_state_mask_{mask}", lambda l=layer: l(4, **ALL),
                       normal(3, 5, 3), initial_state=states(name, 3, 4),
                       arrays={"mask": boolean(MASKS[mask])})
        for suffix, rest, arrays in (
                ("", ALL, {}), ("_mask", ALL, HOLES),
                ("_backwards_last_mask", {"go_backwards": True}, HOLES)):
            yield case(f"{name}_unroll{suffix}", lambda l=layer, r=rest: l(4, unroll=True, **r),
                       normal(3, 5, 3), arrays=arrays)
        for mask in ("left_padded", "holes"):
            yield case(f"{name}_zero_output_mask_{mask}",
                       lambda l=layer: l(4, zero_output_for_mask=True, **ALL),
                       normal(3, 5, 3), arrays={"mask": boolean(MASKS[mask])})
        yield case(f"{name}_zero_output_last", lambda l=layer: l(4, zero_output_for_mask=True),
                   normal(3, 5, 3), arrays={"mask": boolean(MASKS["right_padded"])})
        yield case(f"{name}_dropouts_inference", lambda l=layer: l(4, dropout=0.3,
                   recurrent_dropout=0.2, return_sequences=True), normal(3, 5, 3))
        for suffix, units, shape in (("_one_step", 3, (2, 1, 2)),
                                     ("_one_of_each", 1, (1, 1, 1)), ("_long", 2, (1, 40, 1))):
            yield case(f"{name}{suffix}", lambda l=layer, u=units: l(u, **ALL), normal(*shape))
    for name in ("lstm", "gru"):
        yield case(f"{name}_gates_linear", lambda l=KINDS[name]: l(
            3, recurrent_activation="linear", **ALL), normal(2, 4, 3, scale=0.5))
        yield case(f"{name}_no_bias_mask", lambda l=KINDS[name]: l(4, use_bias=False, **ALL),
                   normal(3, 5, 3), arrays=HOLES)
    for mask in ("left_padded", "all_padding"):
        yield case(f"gru_reset_before_mask_{mask}_all", lambda: L.GRU(4, reset_after=False, **ALL),
                   normal(3, 5, 3), arrays={"mask": boolean(MASKS[mask])})
    yield case("gru_reset_before_initial_state", lambda: L.GRU(4, reset_after=False, **ALL),
               normal(3, 5, 3), initial_state=states("gru", 3, 4))
    yield case("lstm_forget_gate_closed", lambda: L.LSTM(4, unit_forget_bias=False, **ALL),
               normal(3, 5, 3))
    yield case("lstm_bias_of_ones", lambda: L.LSTM(4, bias_initializer="ones"), normal(3, 5, 3))


def irregular(random):
    """A mask with holes everywhere, and a sample without any step."""
    mask = random.uniform(size=(5, 17)) < 0.6
    mask[1] = False
    mask[2] = True
    return mask


def large():
    """Sizes at which fast kernels have full and partial blocks."""
    for name, layer in KINDS.items():
        yield case(f"{name}_large", lambda l=layer: l(33, **ALL), normal(5, 17, 7),
                   arrays={"mask": irregular})
        yield case(f"{name}_large_backwards", lambda l=layer: l(17, go_backwards=True),
                   normal(5, 17, 7), arrays={"mask": irregular}, initial_state=states(name, 5, 17))


def cells():
    """One step of each cell, as a layer."""
    settings = [("", {}), ("_no_bias", {"use_bias": False}), ("_relu", {"activation": "relu"})]
    for name, cell in CELLS.items():
        extra = [("_reset_before", {"reset_after": False})] if name == "gru" else []
        for suffix, rest in settings + extra:
            yield case(f"{name}_cell{suffix}", lambda c=cell, r=rest: c(4, **r), normal(3, 5),
                       states(name, 3, 4))
    yield case("stacked_cells", lambda: L.StackedRNNCells([L.LSTMCell(4), L.GRUCell(3)]),
               normal(3, 5), [[normal(3, 4), normal(3, 4)], [normal(3, 3)]])


def stack():
    return L.StackedRNNCells([L.LSTMCell(4), L.SimpleRNNCell(2), L.GRUCell(3)])


def loops():
    """RNN with each cell, and with stacks of them."""
    made = {name: (lambda c=cell: c(4)) for name, cell in CELLS.items()}
    ways = {
        "_mask_holes": (ALL, HOLES), "": ({}, {}),
        "_backwards": ({"go_backwards": True, **ALL}, {}), "_unroll": ({"unroll": True, **ALL}, {}),
        "_mask_left_padded": (ALL, {"mask": boolean(MASKS["left_padded"])}),
        "_mask_all_padding": ({}, {"mask": boolean(MASKS["all_padding"])}),
        "_zero_output": ({"zero_output_for_mask": True, **ALL}, HOLES),
    }
    few = ["_mask_holes"]
    for name, cell, chosen in (
            *((name, cell, list(ways)[:3]) for name, cell in made.items()),
            ("gru_reset_before", lambda: L.GRUCell(4, reset_after=False), few),
            ("lstm_relu", lambda: L.LSTMCell(4, activation="relu", use_bias=False), few),
            ("stacked", stack, list(ways)),
            ("stacked_lstm", lambda: L.StackedRNNCells([L.LSTMCell(3), L.LSTMCell(4)]), few)):
        for suffix in chosen:
            rest, arrays = ways[suffix]
            yield case(f"rnn_{name}{suffix}", lambda c=cell, r=rest: L.RNN(c(), **r),
                       normal(3, 5, 3), arrays=arrays)
    for name in CELLS:
        yield case(f"rnn_{name}_initial_state", lambda c=made[name]: L.RNN(c(), **ALL),
                   normal(3, 5, 3), initial_state=states(name, 3, 4), arrays=HOLES)
    yield case("rnn_stacked_initial_state", lambda: L.RNN(stack(), **ALL), normal(3, 5, 3),
               initial_state=[[normal(3, 4), normal(3, 4)], [normal(3, 2)], [normal(3, 3)]])
    yield case("rnn_stacked_unroll_mask", lambda: L.RNN(stack(), unroll=True, **ALL),
               normal(3, 5, 3), arrays=HOLES)
    yield case("rnn_nested_stacks", lambda: L.RNN(L.StackedRNNCells(
        [L.GRUCell(3), L.GRUCell(4), L.GRUCell(2)]), **ALL), normal(2, 6, 3))


def bidirectional_loops():
    for mode in ("concat", "sum", None):
        yield case(f"bidirectional_all_{mode or 'separate'}", lambda m=mode: L.Bidirectional(
            L.GRU(3, **ALL), merge_mode=m), normal(3, 5, 4), arrays=HOLES)
    for kind, layer in (("lstm", L.LSTM), ("gru", L.GRU)):
        yield case(f"bidirectional_initial_state_{kind}", lambda l=layer: L.Bidirectional(
            l(3, **ALL)), normal(3, 5, 4), initial_state=2 * states(kind, 3, 3))
    yield case("bidirectional_reset_before", lambda: L.Bidirectional(
        L.GRU(3, reset_after=False)), normal(3, 5, 4), arrays=HOLES)
    yield case("bidirectional_unroll", lambda: L.Bidirectional(
        L.LSTM(3, unroll=True, return_sequences=True)), normal(3, 5, 4))
    for name, cell in CELLS.items():
        yield case(f"bidirectional_rnn_{name}", lambda c=cell: L.Bidirectional(
            L.RNN(c(3), return_sequences=True)), normal(3, 5, 4), arrays=HOLES)
    yield case("bidirectional_rnn_stacked", lambda: L.Bidirectional(
        L.RNN(L.StackedRNNCells([L.LSTMCell(3), L.GRUCell(2)]), **ALL)), normal(3, 5, 4))
    yield case("bidirectional_conv_lstm", lambda: L.Bidirectional(
        L.ConvLSTM1D(2, 3, padding="same", return_sequences=True)), normal(2, 3, 5, 2))
    yield case("bidirectional_backward_gru", lambda: L.Bidirectional(
        L.LSTM(3), backward_layer=L.GRU(2, go_backwards=True)), normal(3, 5, 4))
    yield case("bidirectional_large", lambda: L.Bidirectional(L.LSTM(9, return_sequences=True)),
               normal(5, 17, 7), arrays={"mask": irregular})


def time_distributed():
    made = {
        "dense": (lambda: L.Dense(4, activation="tanh"), normal(3, 5, 4)),
        "dense_rank_4": (lambda: L.Dense(4), normal(2, 3, 2, 4)),
        "conv2d": (lambda: L.Conv2D(3, 2, padding="same"), normal(2, 3, 4, 5, 2)),
        "max_pooling": (lambda: L.MaxPooling2D(2), normal(2, 3, 4, 5, 2)),
        "flatten": (lambda: L.Flatten(), normal(2, 3, 4, 2)),
        "global_average": (lambda: L.GlobalAveragePooling2D(), normal(2, 3, 4, 3, 2)),
        "layer_normalization": (lambda: L.LayerNormalization(), normal(3, 5, 6)),
        "lstm": (lambda: L.LSTM(3), normal(2, 3, 4, 2)),
        "lstm_sequences": (lambda: L.LSTM(3, return_sequences=True), normal(2, 3, 4, 2)),
        "bidirectional": (lambda: L.Bidirectional(L.GRU(2)), normal(2, 3, 4, 2)),
        "embedding": (lambda: L.Embedding(7, 3), integers(7, 2, 3, 4)),
        "activation": (lambda: L.Activation("relu"), normal(2, 3, 4)),
        "time_distributed": (lambda: L.TimeDistributed(L.Dense(2)), normal(2, 3, 4, 3)),
        "batch_normalization": (lambda: L.BatchNormalization(), normal(4, 3, 2)),
    }
    for name, (layer, x) in made.items():
        yield case(f"time_distributed_{name}", lambda l=layer: L.TimeDistributed(l()), x)
    for name, layer in (("batch_normalization", lambda: L.BatchNormalization(momentum=0.8)),
                        ("no_dropout", lambda: L.Dropout(0.0))):
        yield case(f"time_distributed_{name}_training", lambda l=layer: L.TimeDistributed(l()),
                   normal(4, 3, 2), training=True)
    yield case("time_distributed_mask", lambda: L.TimeDistributed(L.Dense(4)), normal(3, 5, 4),
               arrays=HOLES)


def convolutional():
    sizes = {1: (5,), 2: (5, 4), 3: (3, 4, 3)}
    for rank, spatial in sizes.items():
        layer = getattr(L, f"ConvLSTM{rank}D")
        settings = [
            ("", {}), ("_all", ALL), ("_same", {"padding": "same", **ALL}),
            ("_backwards", {"go_backwards": True, "padding": "same"}),
            ("_backwards_sequences", {"go_backwards": True, **ALL}),
            ("_strides", {"strides": 2, "padding": "same", **ALL}),
            ("_no_bias", {"use_bias": False, "activation": "relu",
                          "recurrent_activation": "hard_sigmoid"}),
            ("_dropouts_inference", {"dropout": 0.2, "recurrent_dropout": 0.3}),
        ]
        if rank == 3:
            settings = settings[2:6]
        else:
            settings += [("_dilation", {"dilation_rate": 2, "padding": "same", **ALL}),
                         ("_unroll", {"unroll": True, **ALL})]
        for suffix, rest in settings:
            rest = {"kernel_size": 2 if rank == 3 else 3, **rest}
            yield case(f"conv_lstm{rank}d{suffix}", lambda l=layer, r=rest: l(2, **r),
                       normal(2, 3, *spatial, 2))
        # Keras cannot broadcast a mask over images but where it writes the steps out.
        for mask in MASKS if rank == 1 else ["holes"]:
            for suffix, rest in (("", {}), ("_all", ALL)):
                yield case(f"conv_lstm{rank}d_mask_{mask}{suffix}", lambda l=layer, r=rest: l(
                    2, 2, padding="same", unroll=True, **r), normal(3, 5, *spatial[:1],
                    *[2] * (rank - 1), 1), arrays={"mask": boolean(MASKS[mask])})
        first = {"data_format": "channels_first", "padding": "same", **ALL}
        if rank < 3:
            yield case(f"conv_lstm{rank}d_initial_state", lambda l=layer: l(
                2, 2, padding="same", **ALL), normal(2, 3, *spatial, 2),
                initial_state=[normal(2, *spatial, 2)] * 2)
            yield case(f"conv_lstm{rank}d_channels_first", lambda l=layer, r=first: l(3, 2, **r),
                       normal(2, 3, 2, *spatial))
    yield case("conv_lstm2d_rectangular", lambda: L.ConvLSTM2D(
        3, (1, 3), strides=(2, 1), padding="same", **ALL), normal(2, 3, 5, 4, 1))
    yield case("conv_lstm2d_large", lambda: L.ConvLSTM2D(5, 3, padding="same"),
               normal(2, 4, 7, 6, 3))
