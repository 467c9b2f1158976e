"""Layers that change images the same way each time, and what the random ones do in inference."""

from layer_cases import L, case, constant, integers, normal, uniform

# Halves are rounded up or down as the last bit of the sum says: one whole number of difference.
TIES = 0.006


def resizing(name, shape, height, width, **options):
    return case(f"resizing_{name}", lambda: L.Resizing(height, width, **options), normal(*shape))


def resizings():
    for interpolation in ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"):
        for name, (height, width) in {"up": (7, 9), "down": (3, 2), "mixed": (9, 2)}.items():
            yield resizing(f"{interpolation}_{name}", (2, 5, 4, 2), height, width,
                           interpolation=interpolation)
        yield resizing(f"{interpolation}_antialias", (1, 11, 9, 3), 4, 5, antialias=True,
                       interpolation=interpolation)
        yield resizing(f"{interpolation}_crop", (2, 5, 9, 2), 4, 4, crop_to_aspect_ratio=True,
                       interpolation=interpolation)
        yield resizing(f"{interpolation}_pad", (2, 5, 9, 2), 4, 4, pad_to_aspect_ratio=True,
                       fill_value=1.5, interpolation=interpolation)
        yield case(f"resizing_{interpolation}_bytes",
                   lambda interpolation=interpolation: L.Resizing(
                       7, 3, interpolation=interpolation),
                   integers(256, 2, 4, 5, 3, dtype="uint8"), gradients=False, tolerance=TIES)
        yield case(f"resizing_{interpolation}_integers",
                   lambda interpolation=interpolation: L.Resizing(
                       3, 6, interpolation=interpolation),
                   integers(1000, 1, 5, 4, 2), gradients=False, tolerance=TIES)
    yield resizing("same_size", (2, 4, 5, 3), 4, 5)
    yield resizing("single", (6, 5, 3), 4, 7)
    yield resizing("first", (2, 3, 6, 5), 4, 7, data_format="channels_first")
    yield resizing("single_first", (3, 6, 5), 4, 7, data_format="channels_first")
    yield resizing("one_pixel", (2, 1, 1, 3), 3, 2)
    yield resizing("to_one_pixel", (2, 5, 4, 3), 1, 1)
    yield resizing("odd", (1, 23, 17, 17), 31, 13)
    yield resizing("crop_tall", (1, 11, 4, 2), 5, 3, crop_to_aspect_ratio=True)
    yield resizing("crop_wide_first", (1, 2, 4, 11), 5, 3, crop_to_aspect_ratio=True,
                   data_format="channels_first")
    yield resizing("crop_thin", (1, 2, 9, 2), 50, 1, crop_to_aspect_ratio=True)
    yield resizing("pad_tall", (1, 11, 4, 2), 5, 3, pad_to_aspect_ratio=True, fill_value=-2.0)
    yield resizing("pad_single_first", (2, 4, 11), 5, 3, pad_to_aspect_ratio=True,
                   data_format="channels_first")
    yield resizing("pad_none", (1, 4, 6, 2), 2, 3, pad_to_aspect_ratio=True)
    yield resizing("pad_one_row", (1, 4, 5, 2), 3, 3, pad_to_aspect_ratio=True, fill_value=9.0)
    yield case("resizing_pad_bytes",
               lambda: L.Resizing(5, 5, pad_to_aspect_ratio=True, fill_value=7.0),
               integers(256, 2, 3, 7, 3, dtype="uint8"), gradients=False)


def crops():
    shapes = {"even": (2, 6, 8, 3), "odd": (2, 7, 5, 2), "single": (6, 7, 3)}
    for name, shape in shapes.items():
        for height, width in ((4, 4), (3, 5), (1, 1)):
            yield case(f"center_crop_{name}_{height}_{width}",
                       lambda height=height, width=width: L.CenterCrop(height, width),
                       normal(*shape))
    yield case("center_crop_whole", lambda: L.CenterCrop(4, 5), normal(2, 4, 5, 3))
    yield case("center_crop_larger", lambda: L.CenterCrop(9, 7), normal(2, 4, 5, 3))
    yield case("center_crop_taller", lambda: L.CenterCrop(9, 3), normal(2, 4, 5, 3))
    yield case("center_crop_wider", lambda: L.CenterCrop(3, 9), normal(2, 4, 5, 3))
    yield case("center_crop_training", lambda: L.CenterCrop(3, 2), normal(2, 4, 5, 3),
               training=True)
    yield case("center_crop_first", lambda: L.CenterCrop(3, 2, data_format="channels_first"),
               normal(2, 3, 6, 5))
    yield case("center_crop_bytes", lambda: L.CenterCrop(3, 2),
               integers(256, 2, 5, 5, 3, dtype="uint8"), gradients=False)
    # Where images are not larger along both axes, nothing is drawn.
    yield case("random_crop_middle", lambda: L.RandomCrop(4, 4), normal(2, 4, 9, 2),
               training=True)
    yield case("random_crop_middle_tall", lambda: L.RandomCrop(5, 6), normal(2, 11, 6, 2),
               training=True)
    yield case("random_crop_larger", lambda: L.RandomCrop(7, 6), normal(2, 4, 5, 2),
               training=True)
    yield case("random_crop_larger_single", lambda: L.RandomCrop(9, 3), normal(4, 5, 2),
               training=True)
    yield case("random_crop_first", lambda: L.RandomCrop(8, 4, data_format="channels_first"),
               normal(2, 3, 5, 7), training=True)


def inference():
    layers = {
        "random_crop": lambda: L.RandomCrop(2, 2), "random_flip": lambda: L.RandomFlip(),
        "random_rotation": lambda: L.RandomRotation(0.3),
        "random_zoom": lambda: L.RandomZoom(0.3),
        "random_translation": lambda: L.RandomTranslation(0.2, 0.4),
        "random_shear": lambda: L.RandomShear(0.3, 0.1),
        "random_perspective": lambda: L.RandomPerspective(),
        "random_elastic_transform": lambda: L.RandomElasticTransform(),
        "random_erasing": lambda: L.RandomErasing(),
        "random_gaussian_blur": lambda: L.RandomGaussianBlur(),
    }
    for name, layer in layers.items():
        yield case(f"{name}_inference", layer, uniform(0, 255, 2, 3, 4, 3))
        yield case(f"{name}_inference_single", layer, uniform(0, 255, 3, 4, 3))
    # Nothing to do, whatever is drawn.
    yield case("random_rotation_none", lambda: L.RandomRotation(0.0), normal(2, 3, 4, 2),
               training=True)
    yield case("random_zoom_none", lambda: L.RandomZoom(0.0), normal(2, 3, 4, 2), training=True)
    yield case("random_translation_none", lambda: L.RandomTranslation(0.0, 0.0),
               normal(2, 3, 4, 2), training=True)
    yield case("random_shear_none", lambda: L.RandomShear(), normal(2, 3, 4, 2), training=True)
    yield case("random_elastic_transform_none", lambda: L.RandomElasticTransform(scale=0.0),
               normal(2, 6, 6, 2), training=True)
    yield case("random_translation_fixed", lambda: L.RandomTranslation([0.3, 0.3], [-0.2, -0.2]),
               normal(2, 5, 4, 2), training=True)
    yield case("random_zoom_fixed", lambda: L.RandomZoom([-0.3, -0.3], [0.2, 0.2]),
               normal(2, 5, 4, 2), training=True)
    yield case("random_rotation_fixed", lambda: L.RandomRotation([0.1, 0.1]),
               normal(2, 5, 4, 2), training=True)
    yield case("random_rotation_bytes", lambda: L.RandomRotation([0.1, 0.1]),
               constant([[[[1], [250]], [[9], [3]], [[7], [0]]]], "uint8"), training=True,
               gradients=False)


def cases():
    yield from resizings()
    yield from crops()
    yield from inference()
