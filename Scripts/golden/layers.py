"""Golden data of single layers, by family: `layers.py` for all, `layers.py pooling` for one."""

import inspect
import os
import sys

# Nearly all of the time goes into compiling.
os.environ["XLA_FLAGS"] = "--xla_backend_optimization_level=0"

from common import GOLDEN, keras, np, randomize, start, write_family

import layer_cases
from layer_evaluation import Call, evaluate, is_text, tree, zero_initializers

ROLES = {"mask": 0, "query_mask": 0, "value_mask": 1, "key_mask": 2}


def result(case):
    """Runs one case. Returns its index entry and its arrays."""
    try:
        return evaluated(case)
    except Exception as problem:
        problem.add_note(f"in the case {case['name']}")
        raise


def evaluated(case):
    random = start(case["name"])
    layer = case["layer"]()
    made = {}
    if case["adapt"] is not None:
        made["adapt"] = case["adapt"](random)
        layer.adapt(made["adapt"])
    inputs = tree.map_structure(lambda make: make(random), case["inputs"])
    keywords, masks = dict(case["arguments"]), {}
    for name, make in case["arrays"].items():
        made[name] = make(random)
        if name in ROLES:
            masks[ROLES[name]] = made[name]
        else:
            keywords[name] = made[name]
    for position, make in case["masks"].items():
        made[f"mask.{position}"] = masks[position] = make(random)
    parameters = inspect.signature(layer.call).parameters
    if "mask" in made and "mask" in parameters:
        keywords["mask"] = made["mask"]
    if case["initial_state"]:
        keywords["initial_state"] = tree.map_structure(
            lambda make: make(random), case["initial_state"])
    if layer._call_has_training_arg:
        keywords["training"] = case["training"]

    call = Call(layer, inputs, keywords, masks)
    with zero_initializers(case["random_weights"]):
        call.build()
    if case["random_weights"]:
        randomize(layer.weights, random)
    values, arrays = evaluate(call, random, case["gradients"])
    arrays.update({name: array for name, array in made.items() if not is_text(array)})
    named = {name: name for name in case["arrays"] if name not in ROLES}
    roles = [(ROLES[name], name) for name in case["arrays"] if name in ROLES]
    roles += [(position, f"mask.{position}") for position in case["masks"]]
    entry = {
        "name": case["name"],
        "config": keras.saving.serialize_keras_object(layer), "training": case["training"],
        "arguments": case["arguments"], "array_arguments": named,
        "masks": {str(position): name for position, name in roles},
        "tolerance": case["tolerance"], **values,
    }
    if case["adapt"] is not None:
        entry["adapt"] = "adapt"
        if is_text(made["adapt"]):
            entry["adapt"] = {"strings": made["adapt"].ravel().tolist(),
                              "shape": list(made["adapt"].shape)}
    if case["finite"]:
        for name, array in arrays.items():
            if np.issubdtype(array.dtype, np.floating):
                assert np.isfinite(array).all(), (case["name"], name)
    return entry, arrays


if __name__ == "__main__":
    families = sys.argv[1:] or layer_cases.families()
    folder = GOLDEN / "layers"
    for family in families:
        # Minutes of work come before anything is written, so that nothing is lost on the way.
        write_family(folder, family, [result(case) for case in layer_cases.cases(family)])
    if not sys.argv[1:]:
        for file in folder.iterdir():
            if file.stem not in layer_cases.families():
                file.unlink()
