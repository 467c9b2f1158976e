"""Opens .keras and .h5 files in Keras, predicts, and evaluates those that are compiled.

usage: check_keras_files.py FOLDER

A case that has "epochs" is then trained on, a batch of all samples at a time, and its predictions
after that are called "after". A case that has "resave" is then saved to the file of that name.

FOLDER/cases.json is a list of {"model": FILE, "inputs": [FILE.npy, …], "targets": {OUTPUT: FILE.npy, …}}.
Predictions go beside the model (FILE.0.npy, FILE.1.npy, …), and FOLDER/results.json is a list of
{"outputs": [FILE.npy, …], "evaluation": {name: number}, "optimizer": [FILE.npy, …],
"frozen": [layer, …], "warnings": [text, …]} or {"error": text}, one for each case.
"""

import json
import os
import pathlib
import sys
import warnings

os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0")

from check_keras_file import jax, keras, np


def check(folder, case):
    name = case["model"]

    def save(kind, values):
        files = [f"{name}.{kind}{i}.npy" for i in range(len(values))]
        for file, value in zip(files, values):
            array = np.asarray(value)
            if str(array.dtype) == "bfloat16":  # which .npy files cannot have
                array = array.astype("float32")
            np.save(folder / file, array)
        return files

    model = keras.models.load_model(folder / name, safe_mode=True)
    inputs = [np.load(folder / file) for file in case["inputs"]]
    x = inputs if len(inputs) > 1 else inputs[0]
    result = {"evaluation": {}, "optimizer": []}
    result["outputs"] = save("", keras.tree.flatten(model(x, training=False)))
    result["frozen"] = [layer.name for layer in model.layers
                        if layer.weights and not layer.trainable]
    if model.compiled:
        result["optimizer"] = save("optimizer.", model.optimizer.variables)
        targets = {key: np.load(folder / file) for key, file in case["targets"].items()}
        if targets:
            y = targets if len(targets) > 1 else next(iter(targets.values()))
            values = model.evaluate(x, y, verbose=0, return_dict=True)
            result["evaluation"] = {key: float(value) for key, value in values.items()}
        if "epochs" in case:
            model.fit(x, y, batch_size=len(inputs[0]), epochs=case["epochs"], shuffle=False, verbose=0)
            result["after"] = save("after.", keras.tree.flatten(model(x, training=False)))
    if "resave" in case:
        try:
            model.save(folder / case["resave"])
        except (TypeError, ValueError) as error:  # what Keras's older form of files cannot hold
            (folder / case["resave"]).unlink(missing_ok=True)
            result["unsaved"] = str(error)
    return result


def main():
    folder = pathlib.Path(sys.argv[1])
    results = []
    for index, case in enumerate(json.loads((folder / "cases.json").read_text())):
        keras.backend.clear_session()
        if index % 50 == 49:  # they would grow to gigabytes
            jax.clear_caches()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            # Keras asks for int64 itself, in MixUp, and JAX gives int32.
            warnings.filterwarnings("ignore", message="Explicitly requested dtype int64")
            # Its old way of scaling, and its own layers in a layer that are given a mask.
            warnings.filterwarnings("ignore", message="You passed `rms_scaling=True`")
            warnings.filterwarnings("ignore", message=r"Layer '\w+' .of type EinsumDense. was passed an input with a mask")
            # Its older form of files, which is asked for.
            warnings.filterwarnings("ignore", message="You are saving your model as an HDF5 file")
            # Its variables, of which h5py makes arrays as NumPy 1 did.
            warnings.filterwarnings("ignore", message="__array__ implementation")
            # Its Pipeline has no build method.
            warnings.filterwarnings("ignore", message="`build.*` was called on layer 'pipeline'")
            try:
                result = check(folder, case)
            except Exception as error:
                result = {"error": f"{type(error).__name__}: {error}"}
        result["warnings"] = [str(warning.message) for warning in caught]
        results.append(result)
    (folder / "results.json").write_text(json.dumps(results))


if __name__ == "__main__":
    main()
