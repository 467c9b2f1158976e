"""What is swept: along each axis one size changes, and a unit of work should cost the same."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Point:
    """A network of a family at a size, a batch size, and how much work a step is."""

    family: str
    size: int
    batch: int
    work: float

    @property
    def network(self):
        return f"{self.family}-{self.size}"


BATCHES = (1, 2, 3, 4, 8, 16, 17, 32, 33, 64, 128, 256, 512)
LENGTHS = (8, 16, 32, 63, 64, 128, 256, 512)


def along(family, sizes, work, batch=32):
    return [Point(family, size, batch, work(size)) for size in sizes]


def batches(family, size):
    return [Point(family, size, batch, batch) for batch in BATCHES]


# By title: the unit of work, and the points, in ascending order of what changes.
AXES = {
    "batch, mlp 784-128-10": ("sample", batches("inputs", 784)),
    "batch, two convolutions 3×3 of 16 channels": ("sample", batches("channels", 16)),
    "batch, lstm of 64 units, 16 steps": ("sample", batches("lstm", 16)),
    "batch, attention over 64 steps": ("sample", batches("attention", 64)),
    "width of three dense layers": (
        "multiplication", along("width", (1, 17, 64, 65, 128, 1000, 1024, 2048), lambda n: n * n)),
    "inputs of a dense layer": (
        "input", along("inputs", (100, 783, 784, 785, 1000, 1023, 1024, 1025), lambda n: n)),
    "classes": ("class", along("classes", (2, 10, 17, 100, 1000, 10_000), lambda n: n)),
    "channels of two convolutions 3×3": (
        "multiplication", along("channels", (1, 3, 16, 17, 64), lambda n: n * n)),
    "channels of a depthwise convolution": (
        "channel", along("depthwise", (1, 3, 16, 17, 64, 65, 256), lambda n: n)),
    "height and width of a picture": (
        "pixel", along("picture", (7, 16, 31, 32, 33, 63, 64, 65), lambda n: n * n)),
    "kernel of a convolution": (
        "multiplication", along("kernel", (1, 2, 3, 5, 7, 11), lambda n: n * n)),
    "layers, dense of 32 units": ("layer", along("depth", (10, 100, 1000), lambda n: n)),
    "steps of an lstm": ("step", along("lstm", LENGTHS, lambda n: n)),
    "steps of a gru": ("step", along("gru", LENGTHS, lambda n: n)),
    "steps of a causal convolution": ("step", along("causal", LENGTHS, lambda n: n)),
    "steps of attention, 4 heads of 16": (
        "multiplication", along("attention", LENGTHS, lambda n: n * (4 * 64 * 64 + 2 * 64 * n))),
    "rows of an embedding of 16 numbers": (
        "row", along("embedding", (1_000, 30_000, 1_000_000), lambda n: n)),
}
