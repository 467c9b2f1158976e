"""Golden data of the initializers whose numbers are certain."""

from common import GOLDEN, clear, finish, keras, np, start, write_npz

I = keras.initializers


def cases():
    yield "constant", I.Constant(0.3), (2, 3)
    yield "identity", I.Identity(), (3, 3)
    yield "identity_wide", I.Identity(), (2, 4)
    yield "identity_tall", I.Identity(), (4, 2)
    yield "stft", I.STFT(), (12, 1, 9)
    yield "stft_imaginary", I.STFT("imag", "hamming", "spectrum", True), (12, 1, 9)
    yield "stft_no_window", I.STFT("real", None, "density"), (7, 1, 4)
    yield "stft_no_scaling", I.STFT("imag", "hann", None, True), (9, 1, 5)
    yield "stft_values", I.STFT("real", [1.0, 2.0, 4.0, -1.0], "spectrum"), (4, 1, 5)
    yield "stft_one_step", I.STFT(), (1, 1, 3)
    for window in ("boxcar", "triang", "bartlett", "blackman", "parzen", "bohman", "nuttall",
                   "blackmanharris", "flattop", "barthann", "cosine", "lanczos"):
        for length, periodic in ((8, True), (9, False)):
            yield (f"stft_{window}_{length}", I.STFT("real", window, None, periodic),
                   (length, 1, 3))


if __name__ == "__main__":
    folder = clear(GOLDEN / "initializers")
    index, arrays = [], {}
    for name, initializer, shape in cases():
        start(name)
        arrays[name] = np.asarray(initializer(shape))
        index.append({"name": name, "config": keras.initializers.serialize(initializer),
                      "shape": list(shape)})
    write_npz(folder / "values.npz", arrays)
    finish("initializers", index, folder)
