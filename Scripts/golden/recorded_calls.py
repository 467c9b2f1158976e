"""A plugin of pytest that notes the calls of layers which Keras's own tests make.

A call is noted as what it takes to make it again: the layer's configuration and weights, the
arguments, and the outputs for comparison. Of a call on symbols only types and shapes are known;
it gets random numbers. Calls inside another layer's call are not noted.
"""

import inspect
import os
import pickle
import random
import signal
import sys
import types
import zlib

import numpy as np
import pytest

import keras
from keras.src import backend, testing, tree
from keras.src.layers.layer import Layer

LIMIT = 20_000  # bytes of the arrays of a call
SECONDS = 300  # for one test
# Layers of other libraries, and layers that hold code.
FOREIGN = {"JaxLayer", "FlaxLayer", "TorchModuleWrapper", "TFSMLayer", "Lambda", "Layer",
           "InputLayer", "MockLayer"}
MASKS = {"mask": 0, "query_mask": 0, "value_mask": 1, "key_mask": 2}

state = {"depth": 0, "test": None, "is_made_up": False}
numbers = [None]  # the generator of made-up numbers, anew for each test
calls, dropped, keys = [], {}, set()
original = Layer.__call__


class Unsuitable(Exception):
    """Why a call is not noted."""


def is_symbol(value):
    return isinstance(value, keras.KerasTensor) or "Tracer" in type(value).__name__


def made_up(shape, dtype):
    """Random numbers; a size that is not known is 2."""
    shape, dtype = tuple(2 if n is None else int(n) for n in shape), str(dtype)
    if "int" in dtype or dtype == "bool":
        return numbers[0].integers(0, 2, shape).astype(dtype)
    if dtype == "string":
        raise Unsuitable("symbolic text")
    return numbers[0].standard_normal(shape).astype("float32").astype(dtype)


def array(value):
    """A leaf of the arguments as a NumPy array."""
    if isinstance(value, keras.Variable):
        value = value.value
    if isinstance(value, (np.ndarray, np.generic, int, float, str, bytes)):
        value = np.asarray(value)
    elif backend.is_tensor(value) and not isinstance(value, keras.KerasTensor):
        if type(value).__module__.startswith("jax.experimental.sparse"):
            raise Unsuitable("sparse")
        value = made_up(value.shape, value.dtype) if is_symbol(value) else np.asarray(value)
    elif isinstance(value, keras.KerasTensor):
        if value.sparse or value.ragged:
            raise Unsuitable("sparse")
        value = made_up(value.shape, value.dtype)
    elif hasattr(value, "numpy") and type(value).__module__.startswith("tensorflow"):
        if "Ragged" in type(value).__name__ or "Sparse" in type(value).__name__:
            raise Unsuitable(type(value).__name__)
        value = np.asarray(value.numpy())
    else:
        raise Unsuitable(f"argument of type {type(value).__name__}")
    if value.dtype.kind in "SU":
        value = value.astype(object)
    return value


def structure(value):
    """Nested arguments with NumPy arrays for leaves; lists of Python numbers are arrays too."""
    if isinstance(value, (list, tuple)) and value:
        flat = tree.flatten(value)
        if all(isinstance(x, (int, float, str, bytes)) for x in flat):
            return array(np.array(value, object if isinstance(flat[0], (str, bytes)) else None))
        return [structure(x) for x in value]
    if isinstance(value, dict):
        return {key: structure(x) for key, x in value.items()}
    return array(value)


def is_tensors(value):
    leaves = tree.flatten(value)
    return bool(leaves) and not any(
        isinstance(x, (bool, str, bytes, int, float)) or x is None or callable(x) for x in leaves)


def note(layer, args, kwargs, outputs):
    """Adds a call to the list, if it can be made again from what it says."""
    name = type(layer).__name__
    config = keras.saving.serialize_keras_object(layer)
    # Python's name of a class is not always the one in files.
    if name in FOREIGN or getattr(keras.layers, config["class_name"], None) is not type(layer):
        raise Unsuitable("no layer of keras.layers")
    if getattr(layer, "lora_enabled", False) or layer.dtype_policy.quantization_mode is not None:
        raise Unsuitable("quantized or LoRA")
    is_symbolic = any(is_symbol(x) for x in tree.flatten((args, kwargs)))
    bound = inspect.signature(layer.call).bind(*args, **kwargs).arguments
    inputs, masks, keywords, arrays, states = [], {}, {}, {}, None
    for position, (role, value) in enumerate(bound.items()):
        if value is None:
            continue
        if role in MASKS:
            if isinstance(value, (list, tuple)) and is_tensors([x for x in value
                                                                if x is not None]):
                masks.update({i: array(m) for i, m in enumerate(value) if m is not None})
            else:
                masks[MASKS[role]] = array(value)
        elif role == "initial_state":
            states = [array(x) for x in tree.flatten(value)]
        elif position == 0 or (position == len(inputs) and is_tensors(value)
                               and role in ("value", "key", "states")):
            inputs.append(structure(value))
        elif isinstance(value, (bool, int, float, str)):
            keywords[role] = value
        elif is_tensors(value):
            arrays[role] = array(value)
        else:
            raise Unsuitable(f"argument {role}")
    leaves = [x for value in list(bound.values())[:len(inputs)] for x in tree.flatten(value)]
    for i, x in enumerate(leaves):
        mask = getattr(x, "_keras_mask", None)
        if mask is not None and i not in masks:
            masks[i] = array(mask)
    size = sum(x.nbytes for x in tree.flatten(inputs))
    size += 4 * sum(int(np.prod(w.shape)) for w in layer.weights)
    if size > LIMIT:
        raise Unsuitable("large")
    weights, results = [], []
    if outputs is not None and not is_symbolic:
        weights = [np.asarray(w) for w in layer.weights]
        results = [array(y) for y in tree.flatten(outputs) if y is not None]
    shapes = [(x.shape, str(x.dtype)) for x in tree.flatten(inputs)]
    key = repr((name, nameless(config), shapes, keywords, sorted(arrays), sorted(masks),
                states is None, tree.map_structure(lambda _: 0, inputs)))
    if key in keys:
        raise Unsuitable("seen before")
    keys.add(key)
    calls.append({
        "test": state["test"], "class_name": name, "config": config, "weights": weights,
        "inputs": inputs, "keywords": keywords, "arrays": arrays, "masks": masks,
        "states": states, "outputs": results,
        "is_made_up": is_symbolic or state["is_made_up"]})


def nameless(config):
    """A configuration without names, which differ between layers that are the same."""
    if isinstance(config, dict):
        return {k: nameless(v) for k, v in sorted(config.items())
                if k not in ("name", "build_config", "shared_object_id")}
    if isinstance(config, (list, tuple)):
        return [nameless(x) for x in config]
    return config


def note_or_drop(layer, args, kwargs, outputs):
    try:
        note(layer, args, kwargs, outputs)
    except Exception as problem:  # whatever it is, the test goes on
        reason = str(problem) if isinstance(problem, Unsuitable) else repr(problem)[:90]
        dropped[reason] = dropped.get(reason, 0) + 1


def call(self, *args, **kwargs):
    if isinstance(self, keras.Model):
        return original(self, *args, **kwargs)
    state["depth"] += 1
    try:
        outputs = original(self, *args, **kwargs)
    finally:
        state["depth"] -= 1
    if state["depth"] == 0 and state["test"]:
        note_or_drop(self, args, kwargs, outputs)
    return outputs


def run_layer_test(self, layer_cls, init_kwargs, input_shape=None, input_dtype=None,
                   input_sparse=False, input_ragged=False, input_data=None, call_kwargs=None,
                   **_):
    """In place of Keras's checks of a layer: notes that it is called on random numbers."""
    if input_sparse or input_ragged:
        pytest.skip("sparse or ragged")
    def fill(shape, dtype):
        if isinstance(shape, dict):
            return {k.removesuffix("_shape"): fill(v, dtype[k] if isinstance(dtype, dict)
                                                   else dtype) for k, v in shape.items()}
        if isinstance(shape, (list, tuple)) and shape and isinstance(shape[0], (list, tuple)):
            types = dtype if isinstance(dtype, (list, tuple)) else [dtype] * len(shape)
            return type(shape)(fill(s, t) for s, t in zip(shape, types))
        return made_up(shape, dtype or "float32")

    data = input_data if input_data is not None else fill(input_shape, input_dtype)
    state["is_made_up"] = True
    try:
        for training in (False, True):
            layer = layer_cls(**init_kwargs)
            extra = dict(call_kwargs or {})
            if "training" in inspect.signature(layer.call).parameters:
                extra["training"] = training
            elif training:
                break
            if isinstance(data, dict) and not layer_cls.__name__.startswith("Random"):
                note_or_drop(layer, (), {**data, **extra}, None)
            else:
                note_or_drop(layer, (data,), extra, None)
    finally:
        state["is_made_up"] = False


def pytest_configure(config):
    # What the tests import from Keras's repository, and the package does not have.
    sys.modules["conftest"] = types.ModuleType("conftest")
    sys.modules["conftest"].skip_if_backend = lambda name, reason: pytest.mark.skipif(
        keras.backend.backend() == name, reason=reason)
    sys.modules.setdefault("grain", types.ModuleType("grain"))


def pytest_collection_finish(session):
    if not hasattr(sys.modules["grain"], "__file__"):
        del sys.modules["grain"]  # it was to let the tests of other things be imported
    Layer.__call__ = call
    testing.TestCase.run_layer_test = run_layer_test


def alarm(*_):
    raise TimeoutError("the test takes too long")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    # The path within Keras is the same wherever it is installed.
    state["test"] = "keras/" + item.nodeid.split("keras/")[-1]
    state["depth"] = 0
    seed = zlib.crc32(state["test"].encode())
    keras.utils.set_random_seed(seed)
    random.seed(seed)
    numbers[0] = np.random.default_rng(seed)
    signal.signal(signal.SIGALRM, alarm)
    signal.alarm(SECONDS)
    try:
        return (yield)
    finally:
        signal.alarm(0)
        state["test"] = None


def pytest_sessionfinish(session, exitstatus):
    with open(os.environ["RECORDED_CALLS"], "wb") as file:
        pickle.dump({"calls": calls, "dropped": dropped}, file)
