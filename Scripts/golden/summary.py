"""What model.summary() prints, outside a terminal and at a fixed width."""

from common import GOLDEN, clear, finish, keras, start

import networks


def compiled():
    model = networks.mlp()
    model.compile("adam", "sparse_categorical_crossentropy")
    model.optimizer.build(model.trainable_variables)
    return model


def unbuilt():
    return keras.Sequential([keras.layers.Dense(3), keras.layers.Dropout(0.5)], name="unbuilt")


CASES = [
    ("mlp", networks.mlp, {}), ("cnn", networks.cnn, {}), ("lstm", networks.lstm, {}),
    ("transformer", networks.transformer, {}), ("two_inputs", networks.two_inputs, {}),
    ("nested", networks.nested, {}), ("nested_expanded", networks.nested, {"expand_nested": True}),
    ("cnn_trainable", networks.cnn, {"show_trainable": True}),
    ("two_inputs_line_100", networks.two_inputs, {"line_length": 100}),
    ("compiled", compiled, {}), ("unbuilt", unbuilt, {}),
]


if __name__ == "__main__":
    folder = clear(GOLDEN / "summary")
    index = []
    for name, network, arguments in CASES:
        start(name)
        model = network()
        lines = []
        model.summary(print_fn=lambda text, **_: lines.append(text), **arguments)
        (folder / f"{name}.txt").write_text("\n".join(lines).rstrip("\n") + "\n")
        index.append({"name": name, "arguments": arguments,
                      "config": keras.saving.serialize_keras_object(model)})
    finish("summary", index, folder)
