"""What Keras computes with one layer: outputs, gradients, new states, masks."""

import contextlib

from common import jax, keras, np

import jax.numpy as jnp

tree = keras.tree


def is_float(array):
    return jnp.issubdtype(array.dtype, jnp.floating)


def is_text(array):
    return getattr(array, "dtype", np.dtype("float32")).kind in "OUS"


def plain(value):
    """An array that NumPy can write: 16-bit floats of other forms become float32."""
    value = np.asarray(value)
    if value.dtype.kind == "V" or str(value.dtype) == "bfloat16":
        return value.astype("float32")
    return value


class Call:
    """A layer with what it is called with.

    - inputs: the positional arguments, nested as the layer takes them.
    - keywords: the arguments by name; arrays among them may be nested in lists.
    - masks: the masks of the inputs by position, counted through lists; attached to the arrays, as
      a layer before this one would have done.
    """

    def __init__(self, layer, inputs, keywords=None, masks=None):
        self.layer, self.inputs = layer, inputs
        self.keywords, self.masks = keywords or {}, masks or {}

    def arguments(self, leaves):
        """The positional arguments with `leaves` for their arrays."""
        leaves = list(leaves)
        for position, mask in self.masks.items():
            leaves[position] = jnp.asarray(leaves[position]) + 0
            keras.src.backend.set_keras_mask(leaves[position], jnp.asarray(mask))
        return tree.pack_sequence_as(self.inputs, leaves)

    def run(self):
        """The outputs and their masks; builds the layer, and changes its states."""
        result = self.layer(*self.arguments(tree.flatten(self.inputs)), **self.keywords)
        return split(result)

    def build(self):
        """Builds the layer, without computing anything where that is possible."""
        def symbol(x):
            x = np.asarray(x)
            return keras.KerasTensor(x.shape, jnp.asarray(x[:0]).dtype.name if x.ndim else x.dtype)

        if not any(is_text(x) for x in tree.flatten(self.inputs)):
            try:
                keywords = {name: tree.map_structure(
                    lambda x: symbol(x) if hasattr(x, "shape") else x, value)
                    for name, value in self.keywords.items()}
                self.layer(*tree.map_structure(symbol, self.inputs), **keywords)
                return
            except Exception:
                pass  # some layers cannot be called on symbols
        self.run()

    def run_pure(self, values, leaves, keywords):
        """Outputs and masks for `values` in place of the variables, and the variables after."""
        mapping = list(zip(self.layer.variables, values))
        with keras.StatelessScope(state_mapping=mapping) as scope:
            result = self.layer(*self.arguments(leaves), **{**self.keywords, **keywords})
        updated = [scope.get_current_value(v) for v in self.layer.variables]
        updated = [v if new is None else new for new, v in zip(updated, values)]
        return *split(result), updated


def split(result):
    outputs = [y for y in tree.flatten(result) if y is not None]
    return outputs, [mask_of(y) for y in outputs]


def mask_of(y):
    """The mask of the steps of `y`. Scores of attention have another: what they were masked by."""
    mask = keras.src.backend.get_keras_mask(y) if hasattr(y, "dtype") else None
    return None if mask is not None and 2 < mask.ndim == y.ndim else mask


class Random(Exception):
    """The outputs follow from seeds."""


@contextlib.contextmanager
def zero_initializers(active=True):
    """Makes all initial weights zero, where they are replaced anyway: that saves much time."""
    base = keras.src.initializers.random_initializers.RandomInitializer
    kinds = {kind for kind in vars(keras.initializers).values()
             if isinstance(kind, type) and issubclass(kind, base) and "__call__" in vars(kind)}
    before = {kind: kind.__call__ for kind in kinds}
    for kind in kinds if active else ():
        kind.__call__ = lambda self, shape, dtype=None, **_: jnp.zeros(shape, dtype or "float32")
    try:
        yield
    finally:
        for kind, call in before.items():
            kind.__call__ = call


def evaluate(call, random, with_gradients, checks_seeds=False):
    """Runs a built layer. Returns index entries and arrays.

    Inputs are the arrays among the positional arguments, then those of `initial_state`. If seeds
    are checked, outputs that follow from them are an error.
    """
    layer = call.layer
    states = [jnp.asarray(s) for s in tree.flatten(call.keywords.get("initial_state", []))]
    leaves = tree.flatten(call.inputs)
    entry = {"inputs": [], "weights": [], "outputs": [], "cotangents": [], "input_gradients": [],
             "output_masks": []}
    arrays = {}
    gives_text = type(layer).__name__ == "StringLookup" and layer.invert
    if gives_text:  # for which JAX has no arrays
        import tensorflow
        outputs = [np.asarray(layer(tensorflow.constant(call.inputs[0])))]
    elif any(is_text(x) for x in leaves):
        outputs, _ = call.run()
    if gives_text or any(is_text(x) for x in leaves):
        add_values(entry, arrays, "input", "inputs", leaves)
        add_values(entry, arrays, "output", "outputs", outputs)
        entry["input_gradients"] = [None] * len(leaves)
        entry["output_masks"] = [None] * len(outputs)
        return entry, arrays

    count, fed = len(leaves), [jnp.asarray(x) for x in leaves] + states
    variables = layer.variables
    values = [jnp.asarray(v.value) for v in variables]
    trained = [i for i, v in enumerate(variables)
               if any(v is t for t in layer.trainable_variables)]
    floats = [i for i, x in enumerate(fed) if is_float(x)]

    def run(weights, inputs, values, fed):
        all_values, all_fed = list(values), list(fed)
        for i, value in zip(trained, weights):
            all_values[i] = value
        for i, value in zip(floats, inputs):
            all_fed[i] = value
        keywords = {}
        if states:
            keywords["initial_state"] = tree.pack_sequence_as(
                call.keywords["initial_state"], all_fed[count:])
        outputs, masks, updated = call.run_pure(all_values, all_fed[:count], keywords)
        return tuple(jnp.asarray(y) for y in outputs), (masks, updated)

    def everything(cotangents, values, fed):
        primals = [values[i] for i in trained], [fed[i] for i in floats]
        if not cotangents:
            outputs, others = run(*primals, values, fed)
            return outputs, ([], []), others
        outputs, pullback, others = jax.vjp(
            lambda *primals: run(*primals, values, fed), *primals, has_aux=True)
        cotangents = iter(cotangents)
        return outputs, pullback(tuple(
            next(cotangents) if is_float(y) else np.zeros(y.shape, jax.dtypes.float0)
            for y in outputs)), others

    compiled, cotangents = jax.jit(everything), []
    try:
        shapes, _, _ = jax.eval_shape(everything, [], values, fed)
        if with_gradients and (trained or floats):
            cotangents = [jnp.asarray(random.standard_normal(y.shape).astype("float32")).astype(
                y.dtype) for y in shapes if is_float(y)]
        outputs, gradients, (masks, updated) = compiled(cotangents, values, fed)
    except Exception:  # what is no function of arrays alone cannot be compiled
        if cotangents:
            raise
        compiled = everything
        outputs, gradients, (masks, updated) = compiled([], values, fed)
    if checks_seeds:
        others = [v + 7919 if "seed" in variable.path.split("/")[-1] else v
                  for v, variable in zip(values, variables)]
        repeated = compiled(cotangents, others, fed)[0]
        if not all(np.array_equal(a, b, equal_nan=is_float(a))
                   for a, b in zip(outputs, repeated)):
            raise Random("random")
    weight_gradients, input_gradients = {}, {}
    if cotangents:
        weight_gradients = dict(zip(trained, gradients[0]))
        input_gradients = dict(zip(floats, gradients[1]))

    add_values(entry, arrays, "input", "inputs", fed)
    add_values(entry, arrays, "output", "outputs", outputs)
    for i, mask in enumerate(masks):
        entry["output_masks"].append(None if mask is None else f"output.{i}.mask")
        if mask is not None:
            arrays[f"output.{i}.mask"] = np.asarray(mask)
    for i, dy in enumerate(cotangents):
        entry["cotangents"].append(f"cotangent.{i}")
        arrays[f"cotangent.{i}"] = plain(dy)
    for i in range(len(fed)):
        gradient = input_gradients.get(i)
        entry["input_gradients"].append(None if gradient is None else f"input.{i}.gradient")
        if gradient is not None:
            arrays[f"input.{i}.gradient"] = plain(gradient)
    for i, weight in enumerate(layer.weights):
        index = next(j for j, v in enumerate(variables) if v is weight)
        item = {"path": weight.path, "array": f"weight.{i}", "trainable": index in trained,
                "gradient": None, "updated": None}
        arrays[item["array"]] = plain(values[index])
        if index in weight_gradients:
            item["gradient"] = f"weight.{i}.gradient"
            arrays[item["gradient"]] = plain(weight_gradients[index])
        if not np.array_equal(np.asarray(values[index]), np.asarray(updated[index])):
            item["updated"] = f"weight.{i}.updated"
            arrays[item["updated"]] = plain(updated[index])
        entry["weights"].append(item)
    return entry, arrays


def add_values(entry, arrays, stem, role, values):
    """Adds arrays by name, and texts as they are."""
    for i, value in enumerate(values):
        if is_text(value):
            texts = [t.decode() if isinstance(t, bytes) else str(t)
                     for t in np.asarray(value).ravel()]
            entry[role].append({"strings": texts, "shape": list(np.shape(value))})
        else:
            entry[role].append(f"{stem}.{i}")
            arrays[f"{stem}.{i}"] = plain(value)
