"""Golden data of single layers: outputs, gradients of inputs and weights, updated state, masks."""

from common import GOLDEN, clear, finish, jax, keras, np, randomize, start, write_npz

import jax.numpy as jnp

from layer_cases import cases


def evaluate(case):
    """Runs one case. Returns its index entry and its arrays."""
    random = start(case["name"])
    layer = case["layer"]()
    inputs = [make(random) for make in case["inputs"]]
    array_arguments = {name: make(random) for name, make in case.get("arrays", {}).items()}
    arguments = case.get("arguments", {})
    training = case.get("training", False)
    as_list = case.get("as_list", False)
    # MultiHeadAttention takes the query's mask from the tensor alone, never from the argument.
    attached = isinstance(layer, keras.layers.MultiHeadAttention)
    call_arguments = dict(arguments) if attached else {**arguments, **array_arguments}
    if attached and "attention_mask" in array_arguments:
        call_arguments["attention_mask"] = array_arguments["attention_mask"]
    for role in ("value_mask", "key_mask"):  # these it takes as arguments, as a model gives them
        if attached and role in array_arguments:
            call_arguments[role] = jnp.asarray(array_arguments[role])
    if layer._call_has_training_arg:
        call_arguments["training"] = training

    def positional(values):
        if attached:
            values = [jnp.asarray(value) + 0 for value in values]
            for value, role in zip(values, ("query_mask", "value_mask", "key_mask")):
                if role in array_arguments:
                    keras.src.backend.set_keras_mask(value, jnp.asarray(array_arguments[role]))
        return [list(values)] if as_list else list(values)

    layer(*positional(inputs), **call_arguments)
    randomize(layer.weights, random)

    differentiable = [i for i, x in enumerate(inputs) if np.issubdtype(x.dtype, np.floating)]
    state = [v.value for v in layer.non_trainable_variables]

    def run(weights, float_inputs):
        values = list(inputs)
        for i, value in zip(differentiable, float_inputs):
            values[i] = value
        result, updated = layer.stateless_call(
            weights, state, *positional(values), **call_arguments)
        return tuple(jax.tree_util.tree_leaves(result)), updated

    weights = [v.value for v in layer.trainable_variables]
    outputs, pullback, updated = jax.vjp(
        run, weights, [jnp.asarray(inputs[i]) for i in differentiable], has_aux=True)
    cotangents = tuple(
        random.standard_normal(y.shape).astype("float32")
        if np.issubdtype(y.dtype, np.floating) else np.zeros(y.shape, jax.dtypes.float0)
        for y in outputs)
    weight_gradients, input_gradients = pullback(cotangents)

    arrays = {}
    entry = {
        "name": case["name"],
        "class_name": type(layer).__name__,
        "config": keras.saving.serialize_keras_object(layer),
        "training": training,
        "arguments": arguments,
        "inputs_as_list": as_list,
        "inputs": [], "array_arguments": {}, "weights": [], "outputs": [], "cotangents": [],
        "input_gradients": [], "output_mask": None,
    }
    for i, x in enumerate(inputs):
        arrays[f"input.{i}"] = x
        entry["inputs"].append(f"input.{i}")
        entry["input_gradients"].append(f"input.{i}.gradient" if i in differentiable else None)
    for name, value in array_arguments.items():
        arrays[name] = value
        entry["array_arguments"][name] = name
    for i, (y, dy) in enumerate(zip(outputs, cotangents)):
        arrays[f"output.{i}"] = y
        arrays[f"cotangent.{i}"] = dy
        entry["outputs"].append(f"output.{i}")
        entry["cotangents"].append(f"cotangent.{i}")
    trainable = [id(v) for v in layer.trainable_variables]
    fixed = [id(v) for v in layer.non_trainable_variables]
    for i, v in enumerate(layer.weights):
        weight = {"name": v.name, "path": v.path, "array": f"weight.{i}",
                  "trainable": id(v) in trainable, "gradient": None, "updated": None}
        arrays[f"weight.{i}"] = v.value
        if id(v) in trainable:
            weight["gradient"] = f"weight.{i}.gradient"
            arrays[weight["gradient"]] = weight_gradients[trainable.index(id(v))]
        elif training:
            weight["updated"] = f"weight.{i}.updated"
            arrays[weight["updated"]] = updated[fixed.index(id(v))]
        entry["weights"].append(weight)
    for i, gradient in zip(differentiable, input_gradients):
        arrays[f"input.{i}.gradient"] = gradient
    mask = output_mask(layer, inputs, array_arguments, as_list)
    if mask is not None:
        arrays["output_mask"] = np.asarray(mask)
        entry["output_mask"] = "output_mask"
    return entry, arrays


def output_mask(layer, inputs, array_arguments, as_list):
    """The mask the layer passes on, where it makes one or was given one."""
    name = type(layer).__name__
    if name in ("Embedding", "Masking"):
        return layer.compute_mask(inputs[0])
    if "mask" in array_arguments and layer.supports_masking and not as_list:
        mask = layer.compute_mask(inputs[0], array_arguments["mask"])
        return mask[0] if isinstance(mask, (list, tuple)) else mask
    return None


if __name__ == "__main__":
    # Minutes of work come before the folder is emptied, so that an interrupted run loses nothing.
    results = [evaluate(case) for case in cases()]
    assert len({entry["name"] for entry, _ in results}) == len(results)
    folder = clear(GOLDEN / "layers")
    for entry, arrays in results:
        for name, array in arrays.items():
            array = np.asarray(array)
            if np.issubdtype(array.dtype, np.floating):
                assert np.isfinite(array).all(), (entry["name"], name)
        write_npz(folder / f"{entry['name']}.npz", arrays)
    finish("layers", [entry for entry, _ in results], folder)
