"""The layers, configurations and inputs of the layer family: one module for each kind of layers.

Every module here that has a function `cases()` is a family, written by `layers.py`.
"""

import importlib
import pkgutil

from common import generator, keras, np

L = keras.layers


def normal(*shape, scale=1.0, mean=0.0):
    return lambda random: (mean + scale * random.standard_normal(shape)).astype("float32")


def uniform(low, high, *shape):
    return lambda random: random.uniform(low, high, shape).astype("float32")


def integers(high, *shape, dtype="int32"):
    return lambda random: random.integers(0, high, shape).astype(dtype)


def constant(value, dtype="float32"):
    return lambda random: np.array(value, dtype)


def boolean(value):
    return constant(value, bool)


def strings(value):
    return constant(value, object)


T, F = True, False
MASKS = {
    "right_padded": [[T, T, T, T, T], [T, T, T, F, F], [T, F, F, F, F]],
    "left_padded": [[T, T, T, T, T], [F, F, T, T, T], [F, F, F, F, T]],
    "holes": [[T, F, T, T, F], [F, T, F, F, T], [T, T, F, T, T]],
    "all_padding": [[T, T, T, T, F], [F, F, F, F, F], [T, T, T, F, F]],
}


def case(name, layer, *inputs, as_list=False, training=False, arguments=None, arrays=None,
         masks=None, initial_state=None, adapt=None, gradients=True, tolerance=None, finite=True,
         random_weights=True):
    """One case.

    - layer: makes the layer.
    - inputs: makers of the positional inputs, `normal(2, 3)` for one; lists of makers for layers
      that take lists (`as_list=True` says the same of all of them).
    - arguments: arguments of the call that are no arrays: bools, numbers, strings.
    - arrays: arguments of the call that are arrays, by name. `mask` and `query_mask`,
      `value_mask`, `key_mask` are the masks of the first, second and third input.
    - masks: the masks of the inputs by position, counted through lists.
    - initial_state: makers of the states before the first step.
    - adapt: a maker of what the layer is adapted to first.
    - gradients: whether there are any.
    - tolerance: relative, of outputs; gradients are allowed ten times as much. For cases in which
      Keras itself is less exact.
    - finite: whether all numbers must be.
    - random_weights: whether weights get random values in place of their initial ones.
    """
    return {
        "name": name, "layer": layer, "inputs": [list(inputs)] if as_list else list(inputs),
        "as_list": as_list, "training": training, "arguments": arguments or {},
        "arrays": arrays or {}, "masks": masks or {}, "initial_state": initial_state or [],
        "adapt": adapt, "gradients": gradients, "tolerance": tolerance, "finite": finite,
        "random_weights": random_weights and adapt is None,
    }


def families():
    """The names of all modules here, in alphabetical order."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def cases(family):
    """The cases of `family`."""
    return list(importlib.import_module(f"{__name__}.{family}").cases())


class Draw:
    """Hyperparameters drawn for one case of a sweep; they depend on its name alone."""

    def __init__(self, name):
        self.name = name
        self.random = generator(name)

    def __call__(self, *options):
        return options[self.random.integers(len(options))]

    def size(self, low, high):
        """A whole number from `low` to `high`."""
        return int(self.random.integers(low, high + 1))

    def sizes(self, count, low, high):
        return [self.size(low, high) for _ in range(count)]

    def shape(self, spatial, channels, channels_first=False):
        """A shape of a small batch."""
        return (self.size(1, 2), *((channels, *spatial) if channels_first else
                                   (*spatial, channels)))


def draws(stem, count):
    """`count` draws, with the names of their cases."""
    return [Draw(f"{stem}_{index}") for index in range(count)]
