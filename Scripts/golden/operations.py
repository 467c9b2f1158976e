"""Golden numbers of operations, from Keras's own operations and NumPy.

Inputs are the integers of a formula, so that the test can make them again and sums are exact.
"""

import sys

from common import jax, keras, np, root

jax.config.update("jax_enable_x64", True)


def integers(*shape):
    """Numbers from −6 to 6 in an order that no shift or reversal keeps."""
    n = np.arange(np.prod(shape, dtype=int))
    return ((7 * n**3 + 5 * n**2 + 3) % 13 - 6.0).reshape(shape)


def cases():
    ops = keras.ops
    same_1d = dict(strides=2, padding="same")
    yield "convolution 1D same", ops.conv(integers(1, 5, 2), integers(4, 2, 2), **same_1d)
    yield "convolution 1D dilated", ops.conv(
        integers(1, 7, 1), integers(3, 1, 2), dilation_rate=2, padding="valid")
    yield "convolution 2D same", ops.conv(
        integers(1, 4, 5, 2), integers(2, 3, 2, 1), strides=(1, 2), padding="same")
    yield "convolution 2D groups", ops.conv(integers(1, 3, 3, 4), integers(2, 2, 2, 2))
    yield "convolution 3D same", ops.conv(
        integers(1, 2, 3, 2, 1), integers(2, 2, 2, 1, 1), padding="same")
    for padding in ("valid", "same"):
        for stride, size, extra in ((2, 3, None), (3, 2, None), (2, 3, 1), (2, 2, 0), (3, 4, 2)):
            yield f"transposed {padding} {stride} {size} {extra}", ops.conv_transpose(
                integers(1, 3, 2), integers(size, 2, 2), strides=stride, padding=padding,
                output_padding=extra)
    yield "transposed dilated", ops.conv_transpose(
        integers(1, 3, 1), integers(3, 1, 1), strides=1, padding="valid", dilation_rate=2)
    yield "transposed 2D", ops.conv_transpose(
        integers(1, 2, 3, 2), integers(3, 2, 1, 2), strides=2, padding="same")
    yield "max pooling same", ops.max_pool(
        -np.abs(integers(1, 5, 4, 1)), (3, 2), strides=(2, 2), padding="same")
    yield "average pooling same", ops.average_pool(
        integers(1, 5, 4, 1), (3, 2), strides=(2, 2), padding="same")
    yield "average pooling valid", ops.average_pool(integers(1, 6, 2), 3, strides=2)

    indices = np.array([[0, 2], [1, 1]])
    yield "gather", np.take(integers(2, 3, 2), indices, axis=1)
    yield "gather along", np.take_along_axis(integers(3, 2), indices, axis=0)
    scattered = np.zeros((3, 2))
    np.add.at(scattered, indices, integers(2, 2, 2))
    yield "scatter add", scattered
    yield "sort", np.sort(integers(3, 5), axis=0)
    yield "argsort", np.argsort(integers(3, 5), axis=1, kind="stable")
    yield "cumulative sum", np.cumsum(integers(3, 4), axis=1)
    yield "cumulative product", np.cumprod(integers(5, 2), axis=0)
    yield "remainder", np.remainder(integers(12), np.tile([3.0, -3.0, 2.5], 4))
    yield "variance", np.var(integers(3, 4), axis=1)
    yield "matmul", np.matmul(integers(2, 1, 2, 3), integers(3, 3, 2))


def literal(number):
    number = float(number)
    return str(int(number)) if number.is_integer() else repr(number)


def main():
    lines = [
        "// Written by Scripts/golden/operations.py.",
        "",
        "/// The results of operations in Keras and NumPy, by name.",
        "let goldenOperations: [String: (shape: [Int], numbers: [Double])] = [",
    ]
    for name, value in cases():
        value = np.asarray(value, dtype="float64")
        lines.append(f'  "{name}": (')
        lines.append(f"    {list(value.shape)},")
        row = "    ["
        for number in value.ravel():
            text = literal(number) + ", "
            if len(row) + len(text) > 98:
                lines.append(row.rstrip())
                row = "     "
            row += text
        lines.append(row.rstrip(", ") + "]")
        lines.append("  ),")
    path = root / "Tests" / "TensorGraphTests" / "GoldenOperations.swift"
    path.write_text("\n".join(lines + ["]", ""]))
    print(f"operations: {path.stat().st_size / 1024:.0f} KiB", file=sys.stderr)


main()
