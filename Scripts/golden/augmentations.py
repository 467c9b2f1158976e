"""Golden data of layers that change images at random: what Keras's `transform_images` makes of
images and of random numbers that are given.

A case has images, the numbers drawn for them in the order in which ours draws them, and what
comes out. Whether the numbers themselves are drawn well is tested by their properties.
"""

import inspect

from common import GOLDEN, keras, np, start, write_family

import jax.numpy as jnp

L = keras.layers


def counts(self, values, value_range, nbins):
    """What Keras counts, without its loop over all bins, which takes minutes with this backend."""
    low, high = (jnp.float32(end) for end in value_range)
    scaled = (jnp.asarray(values, "float32") - low) * (nbins - 1) / (high - low)
    indices = np.clip(np.asarray(scaled.astype("int32")), 0, nbins - 1)
    return jnp.asarray(np.bincount(indices.ravel(), minlength=nbins).astype("int32"))


L.Equalization._custom_histogram_fixed_width = counts
BYTES, UNIT, SIGNED = (0, 255), (0, 1), (-1, 1)

# Shapes and value ranges that every layer is tried on.
FORMS = {
    "bytes": ((2, 5, 6, 3), BYTES, "float32"),
    "unit": ((3, 4, 5, 3), UNIT, "float32"),
    "signed": ((2, 3, 4, 3), SIGNED, "float32"),
    "uint8": ((2, 4, 4, 3), BYTES, "uint8"),
    "single": ((6, 5, 3), BYTES, "float32"),
    "one_pixel": ((2, 1, 1, 3), BYTES, "float32"),
    "first": ((2, 3, 5, 4), UNIT, "float32"),
    "wide": ((1, 17, 37, 3), BYTES, "float32"),
}
GRAY = {
    "gray": ((2, 5, 4, 1), BYTES, "float32"),
    "gray_unit": ((1, 7, 3, 1), UNIT, "float32"),
}
MANY = {"channels": ((1, 6, 5, 17), BYTES, "float32")}


def pixels(random, shape, value_range, dtype):
    """Images with some pixels at the ends of the range, and some gray and black ones."""
    low, high = value_range
    if dtype == "uint8":
        return random.integers(low, high + 1, shape).astype(dtype)
    x = random.uniform(low, high, shape)
    x = np.where(random.random(shape) < 0.08, low, np.where(random.random(shape) < 0.08, high, x))
    return x.astype(dtype)


def entry(name, layer, images, drawn, output, exact=False, labels=None, mixed_labels=None):
    arrays = {"images": images, "output": np.asarray(output)}
    drawn = [np.asarray(value) for value in drawn]
    arrays.update({f"drawn.{i}": value for i, value in enumerate(drawn)})
    result = {
        "name": name, "class_name": type(layer).__name__,
        "config": keras.saving.serialize_keras_object(layer), "images": "images",
        "drawn": [f"drawn.{i}" for i in range(len(drawn))], "output": "output",
        # Rounding in single precision decides: to be compared only with that.
        "exact": exact, "labels": None, "mixed_labels": None,
    }
    if labels is not None:
        arrays.update(labels=labels, mixed_labels=np.asarray(mixed_labels))
        result.update(labels="labels", mixed_labels="mixed_labels")
    assert np.isfinite(arrays["output"]).all(), name
    return result, arrays


def augmented(prefix, make, draw, forms, **options):
    """A case for each form: `draw(random, batch, shape, layer)` gives Keras's transformation, and
    ours."""
    results = []
    for form, (shape, value_range, dtype) in forms.items():
        name = f"{prefix}_{form}"
        random = start(name)
        accepted = inspect.signature(make).parameters
        given = {"value_range": value_range, "data_format":
                 "channels_first" if form == "first" else "channels_last"}
        layer = make(**{key: value for key, value in given.items() if key in accepted})
        images = pixels(random, shape, value_range, dtype)
        batch = shape[0] if len(shape) == 4 else 1
        transformation, drawn = draw(random, batch, shape, layer)
        # Keras adds to bytes as bytes, which wrap around, and makes them gray as bytes.
        given = images.astype("float32") if dtype == "uint8" else images
        one = len(shape) == 3
        run = layer.transform_single_image if one else layer.transform_images
        output = run(jnp.asarray(given), transformation)
        results.append(entry(name, layer, images, drawn, output, **options))
    return results


def per_image(key, values, shape=(-1, 1, 1, 1), dtype="float32"):
    """The transformation of layers that draw one number for each image."""
    def draw(random, batch, _, __):
        numbers = np.resize(np.array(values(random, batch), dtype), batch)
        return ({key: jnp.asarray(numbers.reshape(shape))} if key else
                jnp.asarray(numbers.reshape(shape))), [numbers]
    return draw


def uniform(low, high):
    return lambda random, batch: random.uniform(low, high, batch)


def fixed(*values):
    return lambda random, batch: values


def brightness(random, batch, _, layer):
    low, high = layer.value_range
    delta = (random.uniform(-0.6, 0.6, batch) * (high - low)).astype("float32")
    return {"rgb_delta": jnp.asarray(delta.reshape(-1, 1, 1, 1))}, [delta]


def solarization(addition, threshold):
    def draw(random, batch, _, __):
        a = np.resize(np.float32(addition), batch)
        t = np.resize(np.float32(threshold), batch)
        return {"additions": jnp.asarray(a.reshape(-1, 1, 1, 1)),
                "thresholds": jnp.asarray(t.reshape(-1, 1, 1, 1))}, [a, t]
    return draw


def colors():
    everything = {**FORMS, **GRAY}
    yield from augmented(
        "random_brightness", lambda value_range: L.RandomBrightness(0.6, value_range=value_range),
        brightness, {**everything, **MANY})
    yield from augmented(
        "random_contrast", lambda value_range, data_format: L.RandomContrast(
            0.9, value_range=value_range, data_format=data_format),
        per_image("contrast_factor", uniform(0.1, 1.9)), {**everything, **MANY})
    yield from augmented(
        "random_color_degeneration", lambda value_range, data_format: L.RandomColorDegeneration(
            0.9, value_range=value_range, data_format=data_format),
        per_image("factor", uniform(-0.9, 0.9)), everything)
    for chosen in ([True, False], [False], [True]):
        yield from augmented(
            f"random_grayscale_{len(chosen)}{chosen[0]}",
            lambda data_format: L.RandomGrayscale(0.5, data_format=data_format),
            per_image(None, fixed(*chosen), dtype=bool),
            everything if len(chosen) == 2 else {"bytes": FORMS["bytes"], **GRAY})
    yield from augmented(
        "random_hue", lambda value_range, data_format: L.RandomHue(
            0.8, value_range=value_range, data_format=data_format),
        per_image("factor", uniform(-0.5, 0.5), shape=-1), FORMS)
    for amount in (0, 0.5, -0.5, 0.499):
        yield from augmented(
            f"random_hue_{amount}", lambda value_range: L.RandomHue(
                0.8, value_range=value_range),
            per_image("factor", fixed(amount), shape=-1), {"unit": FORMS["unit"]})
    for name, values in {"strong": uniform(1, 3), "weak": uniform(0, 1), "negative": fixed(-0.3),
                         "none": fixed(1), "gray": fixed(0), "full": fixed(1e7)}.items():
        yield from augmented(
            f"random_saturation_{name}", lambda value_range, data_format: L.RandomSaturation(
                0.8, value_range=value_range, data_format=data_format),
            per_image("factor", values, shape=-1),
            FORMS if name in ("strong", "weak") else {"unit": FORMS["unit"]})
    yield from augmented(
        "random_invert", lambda value_range, data_format: L.RandomInvert(
            0.5, value_range=value_range, data_format=data_format),
        per_image("apply_inversion", fixed(True, False), shape=-1, dtype=bool),
        {**everything, **MANY})
    for name, sharpness in {"drawn": uniform(0, 1), "ends": fixed(0, 1)}.items():
        yield from augmented(
            f"random_sharpness_{name}", lambda value_range, data_format: L.RandomSharpness(
                0.8, value_range=value_range, data_format=data_format),
            per_image("factor", sharpness, shape=-1),
            {**everything, **MANY} if name == "drawn" else {"bytes": FORMS["bytes"]})
    for name, draw in {"all": solarization([0], [0]), "some": solarization([20, 90], [128, 60]),
                       "most": solarization([255], [200, 255])}.items():
        yield from augmented(
            f"solarization_{name}", lambda value_range: L.Solarization(
                0.3, 0.6, value_range=value_range),
            draw, {**everything, **MANY} if name == "some" else {"bytes": FORMS["bytes"]})


def posterization():
    for bits in ([3, 5], [1, 8], [7, 2]):
        def draw(random, batch, _, __):
            shift = np.resize(np.array([8 - b for b in bits], "int32"), batch)
            return {"shift_factor": jnp.asarray(shift.astype("uint8"))}, [shift]
        forms = {**FORMS, **GRAY, **MANY} if bits == [3, 5] else {"bytes": FORMS["bytes"]}
        yield from augmented(
            f"random_posterization_{bits[0]}_{bits[1]}",
            lambda value_range, data_format: L.RandomPosterization(
                4, value_range=value_range, data_format=data_format), draw, forms)


def nothing(random, batch, shape, layer):
    return None, []


def levels():
    """Layers in which nothing is drawn. Bytes fall on the borders of bins."""
    fractions = {name: form for name, form in {**FORMS, **GRAY, **MANY}.items() if name != "uint8"}
    for bins in (256, 16, 2, 1000):
        yield from augmented(
            f"equalization_{bins}", lambda value_range, data_format: L.Equalization(
                value_range=value_range, bins=bins, data_format=data_format), nothing,
            fractions if bins == 256 else {"bytes": FORMS["bytes"], "gray_unit": GRAY["gray_unit"]},
            exact=True)
        yield from augmented(
            f"equalization_{bins}", lambda value_range: L.Equalization(
                value_range=value_range, bins=bins), nothing, {"uint8": FORMS["uint8"]}, exact=True)
    yield from augmented(
        "auto_contrast", lambda value_range: L.AutoContrast(value_range=value_range), nothing,
        {name: form for name, form in {**FORMS, **GRAY, **MANY}.items() if name != "first"})
    grids = {
        "default": dict(), "fine": dict(tile_grid_size=(3, 2), clip_limit=1.5),
        "unlimited": dict(tile_grid_size=(2, 2), clip_limit=0.0),
        "one": dict(tile_grid_size=(1, 1), clip_limit=2.0),
    }
    for name, options in grids.items():
        yield from augmented(
            f"clahe_{name}",
            lambda value_range, data_format: L.ContrastLimitedAdaptiveHistogramEqualization(
                value_range=value_range, data_format=data_format, **options), nothing,
            fractions if name in ("default", "fine") else
            {"bytes": FORMS["bytes"], "wide": FORMS["wide"], "gray": GRAY["gray"]})
        yield from augmented(
            f"clahe_{name}",
            lambda value_range: L.ContrastLimitedAdaptiveHistogramEqualization(
                value_range=value_range, **options), nothing, {"uint8": FORMS["uint8"]})


def flat():
    """Images of one color, which have no contrast, no hue and no saturation."""
    shape, ones = (2, 4, 4, 3), np.ones((2, 4, 4, 3), "float32")
    for value in (0.0, 100.0, 255.0):
        for make in (L.AutoContrast, L.Equalization,
                     L.ContrastLimitedAdaptiveHistogramEqualization):
            layer = make()
            name = f"{make.__name__.lower()[:12]}_flat_{value:.0f}"
            start(name)
            yield entry(name, layer, value * ones, [], layer.transform_images(
                jnp.asarray(value * ones), None), exact=make is L.Equalization)
        for layer in (L.RandomHue(0.5), L.RandomSaturation(0.5)):
            name = f"{type(layer).__name__.lower()}_flat_{value:.0f}"
            start(name)
            factor = np.float32([0.3, 0.7])
            yield entry(name, layer, value * ones, [factor], layer.transform_images(
                jnp.asarray(value * ones), {"factor": jnp.asarray(factor)}))


def mixing():
    shape = (4, 6, 5, 3)
    for index, order in enumerate(([1, 0, 3, 2], [2, 3, 0, 1], [0, 1, 2, 3], [3, 3, 3, 3])):
        for form in ("channels_last", "channels_first"):
            name = f"mix_{index}_{form}"
            random = start(name)
            first = form == "channels_first"
            images = pixels(random, (4, 3, 6, 5) if first else shape, BYTES, "float32")
            labels = np.eye(5, dtype="float32")[random.integers(0, 5, 4)]
            order_ = np.array(order, "int32")
            weight = random.beta(0.4, 0.4, 4).astype("float32")
            layer = L.MixUp(0.4, data_format=form)
            given = {"permutation_order": jnp.asarray(order_), "mix_weight": jnp.asarray(weight)}
            yield entry(
                f"mix_up_{index}_{form}", layer, images, [order_, weight],
                layer.transform_images(jnp.asarray(images), given), labels=labels,
                mixed_labels=layer.transform_labels(jnp.asarray(labels), given))
            layer = L.CutMix(0.7, data_format=form)
            x0, y0 = random.uniform(0, 3, 4), random.uniform(0, 3, 4)
            x1, y1 = x0 + random.uniform(0, 2, 4), y0 + random.uniform(0, 3, 4)
            corners = [np.float32(edge) for edge in (x0, x1, y0, y1)]
            masks, kept = layer._generate_batch_mask(
                images.shape, tuple(jnp.asarray(edge) for edge in corners))
            given = {"permutation_order": jnp.asarray(order_), "batch_masks": masks,
                     "mix_weight": kept}
            yield entry(
                f"cut_mix_{index}_{form}", layer, images, [order_] + corners,
                layer.transform_images(jnp.asarray(images), given), labels=labels,
                mixed_labels=layer.transform_labels(jnp.asarray(labels), given))


def jitter():
    """Keras draws inside `transform_images`, so that its four layers are run one by one."""
    factors = dict(brightness_factor=0.3, contrast_factor=0.5, saturation_factor=0.4,
                   hue_factor=0.3)
    for chosen in (list(factors), ["brightness_factor", "hue_factor"], ["saturation_factor"], []):
        for form in ("bytes", "unit"):
            shape, value_range, dtype = FORMS[form]
            name = f"random_color_jitter_{len(chosen)}_{form}"
            random = start(name)
            layer = L.RandomColorJitter(value_range=value_range,
                                        **{key: factors[key] for key in chosen})
            images, batch = pixels(random, shape, value_range, dtype), shape[0]
            output, drawn = jnp.asarray(images), []
            steps = {
                "brightness_factor": (layer.random_brightness, brightness),
                "contrast_factor": (layer.random_contrast,
                                    per_image("contrast_factor", uniform(0.6, 1.4))),
                "saturation_factor": (layer.random_saturation,
                                      per_image("factor", uniform(0.5, 1.5), shape=-1)),
                "hue_factor": (layer.random_hue, per_image("factor", uniform(-0.2, 0.2), shape=-1)),
            }
            for key, (step, draw) in steps.items():
                if key in chosen:
                    transformation, numbers = draw(random, batch, shape, step)
                    output = step.transform_images(output, transformation)
                    drawn += numbers
            yield entry(name, layer, images, drawn, output)


def policy_draws(random, batch, shape, layer, names):
    """Transformations of the layers that RandAugment and AugMix have, and ours, by name."""
    height, width = shape[1:3]
    f = lambda low, high: random.uniform(low, high, batch).astype("float32")
    shear = np.stack([f(-0.3, 0.3), f(-0.3, 0.3)], 1)
    moves = np.stack([f(0, 0.4) * width, f(0, 0.4) * height], 1).astype("float32")
    degrees = f(0, 40)
    matrix = layer.random_rotation._compute_affine_matrix(
        center_x=0.5, center_y=0.5, angle=jnp.asarray(degrees), translate_x=jnp.zeros(batch),
        translate_y=jnp.zeros(batch), scale=jnp.ones(batch), shear_x=jnp.zeros(batch),
        shear_y=jnp.zeros(batch), height=height, width=width)
    low, high = layer.value_range
    delta, color, contrast, sharpness = f(0, .4) * np.float32(high - low), f(0, 1), f(0.6, 1.4), f(0, 1)
    additions, thresholds = f(0, 90), f(60, 200)
    shift = random.integers(3, 7, batch).astype("int32")
    box = lambda x: jnp.asarray(x.reshape(-1, 1, 1, 1))
    both = {
        "random_shear": ({"shear_factor": jnp.asarray(shear), "input_shape": shape},
                         [shear[:, 0], shear[:, 1]]),
        "random_translation": ({"translations": jnp.asarray(moves), "input_shape": shape},
                               [moves[:, 0], moves[:, 1]]),
        "random_rotation": ({"angle": jnp.asarray(degrees), "rotation_matrix": matrix},
                            [(degrees * np.pi / 180).astype("float32")]),
        "random_brightness": ({"rgb_delta": box(delta)}, [delta]),
        "random_color_degeneration": ({"factor": box(color)}, [color]),
        "random_contrast": ({"contrast_factor": box(contrast)}, [contrast]),
        "random_sharpness": ({"factor": jnp.asarray(sharpness)}, [sharpness]),
        "random_posterization": ({"shift_factor": jnp.asarray(shift.astype("uint8"))}, [shift]),
        "solarization": ({"additions": box(additions), "thresholds": box(thresholds)},
                         [additions, thresholds]),
        "auto_contrast": (None, []), "equalization": (None, []),
    }
    return {name: both[name] for name in names}


def rand_augment():
    choices = [[i] for i in range(11)] + [[0, 3], [7, 10], [2, 2], [6, 8, 1]]
    for chosen in choices:
        name = "rand_augment_" + "_".join(map(str, chosen))
        random = start(name)
        value_range = UNIT if sum(chosen) % 2 else BYTES
        layer = L.RandAugment(value_range=value_range, num_ops=len(chosen))
        shape = (2, 6, 7, 3)
        images = pixels(random, shape, value_range, "float32")
        draws = policy_draws(random, 2, shape, layer, layer._AUGMENT_LAYERS)
        transformation = {"layer_idxes": jnp.asarray(chosen),
                          "transforms": {key: value[0] for key, value in draws.items()}}
        drawn = [np.array(chosen, "int32")] + [x for value in draws.values() for x in value[1]]
        yield entry(name, layer, images, drawn, layer.transform_images(
            jnp.asarray(images), transformation), exact=True)


def aug_mix():
    for all_ops, chains in ((True, [[0, 7, 11], [4, 11, 11], [9, 2, 5]]),
                            (True, [[10, 8], [6, 3]]), (False, [[1, 7], [3, 0], [5, 6]]),
                            (False, [[7, 7, 7]])):
        name = f"aug_mix_{'all' if all_ops else 'some'}_{len(chains)}_{len(chains[0])}"
        random = start(name)
        value_range = BYTES if all_ops else UNIT
        depth = len(chains[0])
        layer = L.AugMix(value_range=value_range, num_chains=len(chains), chain_depth=depth,
                         all_ops=all_ops)
        names = layer._augment_layers
        shape = (2, 6, 5, 3)
        images = pixels(random, shape, value_range, "float32")
        draws = [[policy_draws(random, 2, shape, layer, names) for _ in range(depth)]
                 for _ in chains]
        shares = random.dirichlet([1.0] * len(chains)).astype("float32")
        own = np.float32(random.uniform(0.2, 0.8))
        transformation = {
            "chain_mixing_weights": jnp.asarray(shares), "weight_sample": jnp.asarray(own),
            "chain_transforms": [
                [{"layer_name": names[i], "transformation": draw[names[i]][0]}
                 for i, draw in zip(chain, own_draws) if i < len(names)]
                for chain, own_draws in zip(chains, draws)],
        }
        count = {key: len(draws[0][0][key][1]) for key in names}
        drawn = [own, shares, np.array(chains, "int32")]
        drawn += [np.array([[draw[key][1][k] for draw in own_draws] for own_draws in draws])
                  for key in names for k in range(count[key])]
        yield entry(name, layer, images, drawn, layer.transform_images(
            jnp.asarray(images), transformation), exact=True)


if __name__ == "__main__":
    families = [colors, posterization, levels, flat, mixing, jitter, rand_augment, aug_mix]
    write_family(GOLDEN / "augmentations", "augmentations",
                 [case for family in families for case in family()])
