"""Golden data of what Keras's own tests call: `recorded.py` for all, `recorded.py rnn` for one.

With `--keep`, the calls noted by the run before are used again. Calls that do not follow from the
layer's configuration and weights alone are left out: random numbers, functions, data of a test.
"""

import collections
import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

# Nearly all of the time goes into compiling.
os.environ["XLA_FLAGS"] = "--xla_backend_optimization_level=0"

from common import GOLDEN, keras, np, randomize, root, start, write_family

from layer_evaluation import Call, Random, evaluate, is_text, tree, zero_initializers

LAYERS = Path(keras.__file__).parent / "src" / "layers"
NOTES = root / ".build-python" / "golden-recorded"
LIMIT = 20_000
# These need another layer of files, devices or libraries, or minutes of training.
UNWANTED = """lora quantiz gptq awq int4 int8 float8 saving serializ tf_data grain sparse ragged
distribut fit jit_compile""".split()
NOT_DIFFERENTIABLE = ("Hashing", "HashedCrossing", "IntegerLookup", "StringLookup",
                      "TextVectorization", "Discretization", "CategoryEncoding")

# The gradients of these are 0 but for rounding.
WITHOUT_SLOPE = ("bidirectional_test.py::SimpleRNNTest::test_output_shape",)


def folders():
    return sorted(p.name for p in LAYERS.iterdir() if list(p.rglob("*_test.py")))


def note_calls(folder):
    """Runs the tests in `folder` with the plugin."""
    NOTES.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "RECORDED_CALLS": str(NOTES / f"{folder}.pickle"),
                   "PYTHONPATH": str(Path(__file__).parent)}
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "recorded_calls", "-p", "no:cacheprovider",
         "-W", "ignore", "--continue-on-collection-errors", "--tb", "no", "-k",
         " and ".join(f"not {word}" for word in UNWANTED), str(LAYERS / folder)],
        env=environment, stdout=open(NOTES / f"{folder}.log", "w"), check=False)
    for line in (NOTES / f"{folder}.log").read_text().splitlines():
        if line.startswith("ERROR") or " in " in line and "passed" in line:
            print(f"  {line}", file=sys.stderr)


class Unsuitable(Exception):
    """Why there is no case of a call."""


def check_classes(config):
    """Throws if a configuration names a class that is not Keras's, but of a test."""
    if isinstance(config, dict):
        if "class_name" in config and not (
                config.get("registered_name") is None and config.get("module") is not None
                and (config["module"] + ".").startswith("keras.")
                and not config["module"].startswith("keras.src")):
            raise Unsuitable(f"the class {config['class_name']} of a test")
        config = list(config.values())
    for value in config if isinstance(config, (list, tuple)) else []:
        check_classes(value)


def copied(value):
    return tree.map_structure(lambda x: x, value)


def made(note, name):
    """The layer of a noted call, with its weights, and how it is called."""
    random = start(name)
    check_classes(note["config"])
    try:
        layer = keras.saving.deserialize_keras_object(copied(note["config"]))
    except Exception as problem:
        raise Unsuitable(f"configuration cannot be read: {type(problem).__name__}")
    note["masks"] = {i: np.asarray(mask) > 0.5 for i, mask in note["masks"].items()}
    keywords = {**note["keywords"], **note["arrays"]}
    if note["states"] is not None:
        keywords["initial_state"] = note["states"]
    if 0 in note["masks"] and (note["states"] is not None or len(note["inputs"]) > 1) \
            and "mask" in layer._call_signature.parameters:
        keywords["mask"] = note["masks"][0]
    call = Call(layer, note["inputs"], keywords, note["masks"])
    with zero_initializers():
        call.build()
    if note["weights"] and len(note["weights"]) != len(layer.weights):
        raise Unsuitable("other weights than its configuration says")
    if note["is_made_up"] and "Normalization" != type(layer).__name__:
        randomize(layer.weights, random)
    elif note["weights"]:
        layer.set_weights(note["weights"])
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()
    return layer, call, random


def is_same(a, b):
    if is_text(a) or is_text(b):
        return a.shape == b.shape and np.array_equal(a.astype(str), b.astype(str))
    return a.shape == b.shape and np.allclose(a, b, rtol=1e-4, atol=1e-5, equal_nan=True)


def result(note, name):
    """Makes a noted call again. Returns its index entry and its arrays."""
    layer, call, random = made(note, name)
    kind = type(layer).__name__
    if '_test", "class_name"' in json.dumps(keras.saving.serialize_keras_object(layer)):
        raise Unsuitable("a class of the test's own")
    if getattr(layer, "stateful", False):
        raise Unsuitable("its states are weights only once it has been called")
    with_gradients = kind not in NOT_DIFFERENTIABLE and not note["test"].endswith(WITHOUT_SLOPE)
    values, arrays = evaluate(call, random, with_gradients, checks_seeds=True)
    outputs = [np.array(y["strings"], object).reshape(y["shape"]) if isinstance(y, dict)
               else arrays[y] for y in values["outputs"]]
    if note["outputs"] and not note["is_made_up"]:
        is_trained = note["keywords"].get("training") or getattr(layer, "stateful", False)
        if len(outputs) != len(note["outputs"]) or not is_trained and not all(
                is_same(a, np.asarray(b)) for a, b in zip(outputs, note["outputs"])):
            raise Unsuitable("not described by its configuration")
    for role, array in note["arrays"].items():
        arrays[role] = array
    for position, mask in note["masks"].items():
        arrays[f"mask.{position}"] = mask
    for array in arrays.values():
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise Unsuitable("not finite")
    if sum(a.nbytes for a in arrays.values()) > 3 * LIMIT:
        raise Unsuitable("large")
    keywords = dict(note["keywords"])
    training = bool(keywords.pop("training", False))
    entry = {
        "name": name, "test": note["test"],
        "config": keras.saving.serialize_keras_object(layer), "training": training,
        "arguments": keywords, "array_arguments": {r: r for r in note["arrays"]},
        "masks": {str(i): f"mask.{i}" for i in note["masks"]},
        "tolerance": tolerance(layer, outputs), **values,
    }
    return entry, arrays


def tolerance(layer, outputs):
    """What can be asked of layers that compute in 16 bits, where every engine rounds elsewhere."""
    types = {inner.compute_dtype for inner in layer._flatten_layers(include_self=True)}
    types |= {str(y.dtype) for y in outputs}
    return 3e-2 if "bfloat16" in types else 4e-3 if "float16" in types else None


def record(folder):
    """Writes the cases of `folder`."""
    notes = pickle.loads((NOTES / f"{folder}.pickle").read_bytes())
    results, dropped, counts = [], collections.Counter(notes["dropped"]), collections.Counter()
    for note in notes["calls"]:
        name = f"{note['class_name']}_{counts[note['class_name']]}"
        try:
            results.append(result(note, name))
            counts[note["class_name"]] += 1
        except (Unsuitable, Random) as problem:
            dropped[str(problem)] += 1
        except Exception as problem:
            dropped[f"{note['class_name']}: {problem!r}"[:150]] += 1
    if results:
        write_family(GOLDEN / "recorded", folder, results)
    for reason, count in dropped.most_common():
        print(f"  {count} left out: {reason}", file=sys.stderr)


if __name__ == "__main__":
    names = [name for name in sys.argv[1:] if name != "--keep"] or folders()
    for name in names:
        if "--keep" not in sys.argv:
            note_calls(name)
        record(name)
