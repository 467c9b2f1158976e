"""Times the loading of one file in one library, or makes the files."""

import json
import sys
import time
from pathlib import Path

import numpy as np


def best(load):
    """The least milliseconds of a few loads; the first warms up the library and the cache."""
    times, start = [], time.perf_counter()
    while len(times) < 4 or (len(times) < 20 and time.perf_counter() - start < 3):
        before = time.perf_counter()
        kept = load()
        times.append((time.perf_counter() - before) * 1e3)
        del kept
    return min(times[1:])


def make(folder):
    """Models of about 100 MB: few large weights, many small ones, and one with Adam's moments."""
    import keras
    from safetensors.numpy import save_file

    keras.utils.set_random_seed(1)
    dense = keras.Sequential([keras.Input([2048])])
    for _ in range(6):
        dense.add(keras.layers.Dense(2048, activation="relu"))
    dense.save(folder / "dense.keras")
    keras.applications.ResNet50(weights=None).save(folder / "resnet50.keras")
    adam = keras.Sequential([keras.Input([1664])])
    for _ in range(3):
        adam.add(keras.layers.Dense(1664, activation="relu"))
    adam.compile("adam", "mse")
    adam.train_on_batch(np.ones([2, 1664]), np.ones([2, 1664]))
    adam.save(folder / "adam.keras")
    # The sizes of a sentence encoder with six layers.
    random, tensors = np.random.default_rng(1), {}

    def add(name, *shape):
        tensors[name] = random.standard_normal(shape, np.float32)

    add("embeddings.word_embeddings.weight", 30522, 384)
    for layer in range(6):
        for name in ["query", "key", "value", "output"]:
            add(f"encoder.layer.{layer}.attention.{name}.weight", 384, 384)
            add(f"encoder.layer.{layer}.attention.{name}.bias", 384)
        add(f"encoder.layer.{layer}.intermediate.weight", 1536, 384)
        add(f"encoder.layer.{layer}.intermediate.bias", 1536)
        add(f"encoder.layer.{layer}.output.weight", 384, 1536)
        add(f"encoder.layer.{layer}.output.bias", 384)
    save_file(tensors, folder / "minilm.safetensors")
    return {}


def loader(library, path):
    if library == "keras":
        import keras
        return lambda: keras.saving.load_model(path)
    if library == "onnxruntime":
        import onnxruntime
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 2
        return lambda: onnxruntime.InferenceSession(path, options)
    if library == "safetensors":
        from safetensors.numpy import load_file
        return lambda: load_file(path)
    raise SystemExit(f"there is no library {library}")


if __name__ == "__main__":
    task, path = sys.argv[1:]
    if task == "make":
        print(json.dumps(make(Path(path))))
    else:
        print(json.dumps({"load_ms": best(loader(task, path))}))
