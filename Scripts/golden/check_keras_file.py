"""Opens a .keras file in Keras, predicts, and says what evaluate says.

usage: check_keras_file.py FILE.keras X [Y] [-o PREDICTIONS.npy] [--compare PREDICTIONS.npy]

X and Y are .npy files; several inputs or targets are NAME=FILE,NAME=FILE. Predictions go beside the
model (FILE.predictions.npy; with several outputs FILE.predictions.NAME.npy). Standard output is
one line of JSON: {"loss": ..., "accuracy": ..., "predictions": {name: file}}, the metrics only
where the model is compiled and Y is given. --compare adds "difference", the largest absolute one.
"""

import argparse
import json
import os
import pathlib

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import keras
import numpy as np

jax.config.update("jax_default_matmul_precision", "highest")
# Most of the time goes into compiling; the compiled programs are kept between runs.
cache = pathlib.Path(__file__).resolve().parents[2] / ".build-python" / "golden-cache"
jax.config.update("jax_compilation_cache_dir", str(cache))
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)


def load(argument):
    """One array, or a dictionary of named arrays."""
    if "=" not in argument:
        return np.load(argument)
    return {name: np.load(file) for name, file in
            (part.split("=", 1) for part in argument.split(","))}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("x")
    parser.add_argument("y", nargs="?")
    parser.add_argument("-o", "--output")
    parser.add_argument("--compare")
    arguments = parser.parse_args()
    model = keras.models.load_model(arguments.model, compile=True, safe_mode=True)
    x = load(arguments.x)
    result = {}
    if arguments.y and model.compiled:
        values = model.evaluate(x, load(arguments.y), verbose=0, return_dict=True)
        result.update({name: float(value) for name, value in values.items()})
    predictions = model.predict(x, verbose=0)
    base = arguments.output or os.path.splitext(arguments.model)[0] + ".predictions.npy"
    if isinstance(predictions, list):
        predictions = {str(i): value for i, value in enumerate(predictions)}
    if isinstance(predictions, dict):
        stem = base.removesuffix(".npy")
        result["predictions"] = {name: f"{stem}.{name}.npy" for name in predictions}
        for name, value in predictions.items():
            np.save(result["predictions"][name], value)
    else:
        np.save(base, predictions)
        result["predictions"] = {"": base}
        if arguments.compare:
            expected = np.load(arguments.compare)
            if expected.shape != predictions.shape:
                raise SystemExit(f"shapes differ: {expected.shape} and {predictions.shape}")
            result["difference"] = float(np.abs(expected - predictions).max())
    print(json.dumps(result))


if __name__ == "__main__":
    main()
