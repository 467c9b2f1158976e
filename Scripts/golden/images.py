"""Makes Tests/Golden/images: pictures of every kind, and what Pillow and Keras read of them.

- kinds/NAME.png|jpg and kinds.npz: the pixels of each by Pillow, as far as possible in its own mode.
- classes/CLASS/NAME and classes.npz: what Keras's image_dataset_from_directory makes of the folder,
  resized by each interpolation, and the order of its files for some seeds.
"""

import json
import os
import pathlib
import shutil
import struct
import zlib

os.environ["KERAS_BACKEND"] = "jax"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
from PIL import Image

folder = pathlib.Path(__file__).resolve().parents[2] / "Tests/Golden/images"
random = np.random.default_rng(5)


def smooth(height, width, channels):
    """A picture without noise, that JPEG keeps about."""
    y, x = np.mgrid[:height, :width]
    planes = [127 + 120 * np.sin(0.4 * x + 0.3 * k) * np.cos(0.35 * y - 0.2 * k)
              for k in range(channels)]
    return np.stack(planes, -1).astype("uint8").squeeze()


def kinds():
    out = folder / "kinds"
    out.mkdir(parents=True)
    noise = random.integers(0, 256, (7, 5, 4), dtype="uint8")
    pictures = {
        "gray.png": Image.fromarray(noise[..., 0]),
        "gray-alpha.png": Image.fromarray(noise[..., :2].copy(), "LA"),
        "rgb.png": Image.fromarray(noise[..., :3].copy()),
        "rgba.png": Image.fromarray(noise),
        "bits.png": Image.fromarray(noise[..., 0] > 127),
        "palette.png": Image.fromarray(noise[..., :3].copy()).quantize(7),
        "gray16.png": Image.fromarray((noise[..., 0].astype("uint16") << 8) + noise[..., 1]),
        "gray.jpg": Image.fromarray(smooth(19, 21, 1)),
        "rgb.jpg": Image.fromarray(smooth(19, 21, 3)),
        "progressive.jpg": Image.fromarray(smooth(19, 21, 3)),
        "full.jpg": Image.fromarray(smooth(19, 21, 3)),
        "cmyk.jpg": Image.fromarray(smooth(19, 21, 4), "CMYK"),
    }
    options = {"progressive.jpg": {"progressive": True}, "full.jpg": {"subsampling": 0}}
    pixels = {}
    for name, picture in pictures.items():
        picture.save(out / name, **options.get(name, {}))
        read = Image.open(out / name)
        if read.mode == "1":
            read = read.convert("L")
        if read.mode in ("P", "CMYK"):
            read = read.convert("RGB")
        array = np.asarray(read)
        if array.dtype != np.uint8:  # 16 bits
            array = (array.astype("int32") >> 8).astype("uint8")
        pixels[name] = array.reshape(*array.shape[:2], -1)
        if name != "gray16.png":  # which Pillow cuts off instead
            pixels[name + " L"] = np.asarray(read.convert("RGB").convert("L"))[..., None]
    (out / "interlaced.png").write_bytes(interlaced(noise[..., 0]))
    pixels["interlaced.png"] = np.asarray(Image.open(out / "interlaced.png"))[..., None]
    clear = pictures["palette.png"].copy()
    clear.save(out / "palette-alpha.png", transparency=2)
    pixels["palette-alpha.png"] = np.asarray(Image.open(out / "palette-alpha.png").convert("RGBA"))
    np.savez_compressed(folder / "kinds.npz", **pixels)


def interlaced(array):
    """The bytes of a PNG file with gray pixels in the seven passes of Adam7."""
    def chunk(name, content):
        body = name + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))
    passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2),
              (1, 0, 2, 1)]
    rows = b"".join(b"\0" + row.tobytes() for y, x, down, right in passes
                    if array[y::down, x::right].size for row in array[y::down, x::right])
    height, width = array.shape
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 1)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows))
            + chunk(b"IEND", b""))


def classes():
    out = folder / "classes"
    for name, sizes in {"b": [(9, 7), (4, 4)], "a": [(6, 5), (5, 8), (3, 12)], "C": [(6, 5)]}.items():
        (out / name / "more").mkdir(parents=True)
        for index, size in enumerate(sizes):
            place = out / name / ("more" if index == 1 else ".") / f"{index}.png"
            Image.fromarray(random.integers(0, 256, (*size, 3), dtype="uint8")).save(place)
    (out / "a" / "readme.txt").write_text("no picture\n")
    arrays = {}
    for interpolation in ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"):
        data = keras.utils.image_dataset_from_directory(
            out, image_size=(6, 5), interpolation=interpolation, shuffle=False, batch_size=None,
            verbose=False)
        arrays[interpolation] = np.stack([x.numpy() for x, _ in data])
        arrays["labels"] = np.array([y.numpy() for _, y in data])
    gray = keras.utils.image_dataset_from_directory(
        out, image_size=(6, 5), color_mode="grayscale", label_mode="categorical", shuffle=False,
        batch_size=None, verbose=False)
    arrays["categorical"] = np.stack([y.numpy() for _, y in gray])
    np.savez_compressed(folder / "classes.npz", **arrays)
    orders = {"": [], "1": [], "123": [], "4294967295": []}
    for seed in orders:
        training, validation = keras.utils.image_dataset_from_directory(
            out, shuffle=bool(seed), seed=int(seed or 0), validation_split=0.34, subset="both",
            verbose=False)
        orders[seed] = [[os.path.relpath(path, out) for path in part.file_paths]
                        for part in (training, validation)]
    (folder / "orders.json").write_text(json.dumps(orders, indent=1) + "\n")


if __name__ == "__main__":
    shutil.rmtree(folder, ignore_errors=True)
    kinds()
    classes()
