"""Golden data of the layers that move, cut, blur or erase parts of images: as augmentations.py, with
which it shares its folder and its form."""

import jax
import jax.numpy as jnp

from common import GOLDEN, np, write_family

from augmentations import BYTES, FORMS, GRAY, MANY, UNIT, L, augmented

SMALL = {name: FORMS[name] for name in ("bytes", "single", "first")}
SIGNED = {"gray": ((2, 5, 4, 1), (-1, 1), "float32")}
FILLS = ("reflect", "wrap", "constant", "nearest")


def sides(shape, layer):
    """Height and width of images of `shape`."""
    return shape[-2:] if layer.data_format == "channels_first" else shape[-3:-1]


def floats(random, low, high, batch):
    return random.uniform(low, high, batch).astype("float32")


def rotation(low, high):
    def draw(random, batch, shape, layer):
        height, width = sides(shape, layer)
        degrees, none = floats(random, low, high, batch), jnp.zeros(batch)
        matrix = layer._compute_affine_matrix(
            center_x=0.5, center_y=0.5, angle=jnp.asarray(degrees), translate_x=none,
            translate_y=none, scale=jnp.ones(batch), shear_x=none, shear_y=none, height=height,
            width=width)
        return {"rotation_matrix": matrix}, [(degrees * np.pi / 180).astype("float32")]
    return draw


def zoom(low, high):
    def draw(random, batch, _, __):
        height, width = floats(random, low, high, batch), floats(random, low, high, batch)
        return {"height_zoom": jnp.asarray(height[:, None]),
                "width_zoom": jnp.asarray(width[:, None])}, [height, width]
    return draw


def translation(low, high):
    def draw(random, batch, shape, layer):
        height, width = sides(shape, layer)
        x, y = floats(random, low, high, batch) * width, floats(random, low, high, batch) * height
        x, y = x.astype("float32"), y.astype("float32")
        return {"translations": jnp.stack([x, y], 1)}, [x, y]
    return draw


def shear(low, high):
    def draw(random, batch, _, __):
        x, y = floats(random, low, high, batch), floats(random, low, high, batch)
        return {"shear_factor": jnp.stack([x, y], 1)}, [x, y]
    return draw


def affine():
    layers = {
        "random_rotation": (lambda **o: L.RandomRotation(0.5, **o), rotation(-170, 170)),
        "random_zoom": (lambda **o: L.RandomZoom(0.5, 0.5, **o), zoom(0.4, 1.9)),
        "random_translation": (lambda **o: L.RandomTranslation(1.0, 1.0, **o),
                               translation(-0.95, 0.95)),
        "random_shear": (lambda **o: L.RandomShear(1.0, 1.0, **o), shear(-0.9, 0.9)),
    }
    for name, (make, draw) in layers.items():
        for fill in FILLS:
            for interpolation in ("nearest", "bilinear"):
                forms = {"bytes": FORMS["bytes"]}
                if fill == "reflect" and interpolation == "bilinear":
                    forms = {**FORMS, **SIGNED, **MANY}
                yield from augmented(
                    f"{name}_{fill}_{interpolation}",
                    lambda data_format: make(
                        fill_mode=fill, interpolation=interpolation, fill_value=70.0,
                        data_format=data_format), draw, forms)
    far = {"random_zoom": zoom(3, 9), "random_translation": translation(-7, 7),
           "random_shear": shear(-5, 5)}
    for name, draw in far.items():
        for fill in FILLS:
            yield from augmented(
                f"{name}_far_{fill}", lambda data_format: layers[name][0](
                    fill_mode=fill, data_format=data_format), draw, {"bytes": FORMS["bytes"]})


def flips(random, batch, _, __):
    chosen = np.arange(batch) % 2 == 0
    return {"flips": jnp.asarray(chosen.reshape(-1, 1, 1, 1))}, [chosen]


def perspective(strength):
    def draw(random, batch, shape, layer):
        height, width = sides(shape, layer)
        start = np.array([[0, 0], [width - 1, 0], [0, height - 1], [width - 1, height - 1]],
                         "float32")
        start = np.tile(start, (batch, 1, 1))
        end = start + start * random.uniform(-strength, strength, start.shape).astype("float32")
        end = end.astype("float32")
        chosen = np.arange(batch) % 3 != 2
        return {"apply_perspective": jnp.asarray(chosen), "start_points": jnp.asarray(start),
                "end_points": jnp.asarray(end)}, [chosen, end]
    return draw


def elastic(strength):
    """Keras draws the noise inside `transform_images`, the same for both axes: it is given."""
    def draw(random, batch, shape, layer):
        height, width = sides(shape, layer)
        noise = random.standard_normal((2, batch, height, width)).astype("float32")
        rest = [jnp.asarray(noise[0]), jnp.asarray(noise[1])]
        jax.random.normal = lambda key, shape, dtype: rest.pop(0).astype(dtype)
        chosen = np.arange(batch) % 3 != 2
        given = noise.transpose(1, 2, 3, 0)
        return {"apply_transform": jnp.asarray(chosen), "seed": 1,
                "distortion_factor": jnp.float32(strength)}, [chosen, np.float32(strength), given]
    return draw


def boxes(random, batch, shape, layer):
    height, width = sides(shape, layer)
    lengths = floats(random, 0.3, 0.9, (batch, 2)) * np.float32([width, height])
    starts = floats(random, 0, 1, (batch, 2)) * (np.float32([width, height]) - lengths)
    lengths, starts = lengths.astype("float32"), starts.astype("float32")
    ends = starts + lengths
    whole = shape if len(shape) == 4 else (1, *shape)
    masks = layer._generate_batch_mask(whole, tuple(jnp.asarray(edge) for edge in (
        starts[:, 0], ends[:, 0], starts[:, 1], ends[:, 1])))
    chosen, drawn = np.arange(batch) % 3 != 2, []
    if layer.fill_value is None:
        noise = random.standard_normal(whole).astype("float32")
        fill = jnp.clip(noise * np.float32(layer.value_range[1]), *layer.value_range)
        drawn = [np.moveaxis(noise, 1, 3) if layer.data_format == "channels_first" else noise]
    else:  # a color is refused by Keras with this backend, as what it is filled from is no array
        fill = jnp.clip(jnp.broadcast_to(jnp.float32(layer.fill_value), whole), *layer.value_range)
    return {"apply_erasing": jnp.asarray(chosen), "batch_masks": masks, "fill_value": fill}, [
        chosen, starts, lengths] + drawn


def blur(*sigma):
    def draw(random, batch, _, __):
        chosen = np.arange(batch) % 3 != 2
        return {"should_apply_blur": jnp.asarray(chosen),
                "blur_factor": jnp.asarray(np.float32(sigma))}, [chosen, np.float32(sigma)]
    return draw


def others():
    for mode in ("horizontal", "vertical", "horizontal_and_vertical"):
        yield from augmented(
            f"random_flip_{mode}", lambda data_format: L.RandomFlip(mode, data_format=data_format),
            flips, {**SMALL, **GRAY, "uint8": FORMS["uint8"]})
    places = {name: form for name, form in {**FORMS, **SIGNED, **MANY}.items()
              if name != "one_pixel"}
    for interpolation in ("nearest", "bilinear"):
        for strength in (0.4, 0.1):
            yield from augmented(
                f"random_perspective_{interpolation}_{strength}",
                lambda data_format: L.RandomPerspective(
                    interpolation=interpolation, fill_value=3.0, data_format=data_format),
                perspective(strength),
                places if (interpolation, strength) == ("bilinear", 0.4) else SMALL)
    large = {"bytes": ((3, 23, 31, 2), BYTES, "float32"), "first": ((2, 2, 24, 21), UNIT, "float32"),
             "single": ((41, 20, 1), BYTES, "float32")}
    for fill in ("reflect", "constant", "mirror"):
        for strength in (1.0, 0.37, 0.05):
            yield from augmented(
                f"random_elastic_transform_{fill}_{strength}",
                lambda value_range, data_format: L.RandomElasticTransform(
                    fill_mode=fill, fill_value=9.0, value_range=value_range,
                    data_format=data_format), elastic(strength),
                large if fill == "reflect" else {"bytes": large["bytes"]})
    yield from augmented(
        "random_elastic_transform_nearest", lambda: L.RandomElasticTransform(
            interpolation="nearest", scale=[0.1, 0.8]), elastic(0.6), {"bytes": large["bytes"]})
    for name, fill in {"noise": None, "value": 77.0, "channels": [10.0, 300.0, 0.5]}.items():
        yield from augmented(
            f"random_erasing_{name}", lambda value_range, data_format: L.RandomErasing(
                fill_value=fill, value_range=value_range, data_format=data_format), boxes,
            {key: form for key, form in FORMS.items() if name != "channels" or key != "first"})
    for name, (size, sigma) in {"default": (3, (0.7, 0.4)), "wide": ((7, 1), (0.9, 0.2)),
                                "tall": ((3, 5), (0.3, 1.0)), "sharp": (5, (1e-6, 1e-6))}.items():
        yield from augmented(
            f"random_gaussian_blur_{name}", lambda value_range, data_format: L.RandomGaussianBlur(
                kernel_size=size, value_range=value_range, data_format=data_format), blur(*sigma),
            {**FORMS, **MANY} if name == "default" else SMALL)
    for top, left in ((0, 0), (1, 2), (2, 1)):
        yield from augmented(
            f"random_crop_{top}_{left}", lambda data_format: L.RandomCrop(
                3, 2, data_format=data_format),
            lambda *_: ((top, left), [np.int32([top]), np.int32([left])]),
            {"bytes": FORMS["bytes"], "single": FORMS["single"], "wide": FORMS["wide"],
             "first": ((2, 3, 5, 4), UNIT, "float32")})


if __name__ == "__main__":
    write_family(GOLDEN / "augmentations", "places", [*affine(), *others()])
