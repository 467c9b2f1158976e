"""Spectrograms."""

from layer_cases import L, case, normal, uniform


def mel(name, *shape, gradients=True, **options):
    return case(f"mel_spectrogram_{name}", lambda: L.MelSpectrogram(**options), normal(*shape),
                training=True, tolerance=3e-5, gradients=gradients)


def stft(name, *shape, training=False, **options):
    return case(f"stft_spectrogram_{name}", lambda: L.STFTSpectrogram(**options), normal(*shape),
                training=training, tolerance=2e-5, random_weights=False)


def cases():
    small = dict(fft_length=32, sequence_stride=8, num_mel_bins=6, sampling_rate=800)
    yield mel("small", 2, 70, **small)
    yield mel("one_signal", 50, **small)
    yield mel("rank_3", 2, 2, 33, **small)
    yield mel("shorter_sequence", 2, 70, sequence_length=20, **small)
    yield mel("odd_sequence", 2, 70, sequence_length=13, **small)
    yield mel("hamming", 2, 70, window="hamming", **small)
    yield mel("no_window", 2, 70, window=None, **small)
    yield mel("window_values", 1, 40, window=[0.1 + 0.03 * i for i in range(32)], **small)
    yield mel("magnitude", 2, 70, mag_exp=1.0, **small)
    yield mel("exponent", 2, 70, mag_exp=0.6, power_to_db=False, **small)
    yield mel("cubed", 2, 70, mag_exp=3.0, power_to_db=False, **small)
    yield mel("power", 2, 70, power_to_db=False, **small)
    yield mel("top_db", 2, 70, top_db=5.0, **small)
    yield mel("reference", 1, 75, ref_power=2.5, min_power=1e-2, **small)
    yield mel("floor", 2, 70, ref_power=1e-9, min_power=30.0, gradients=False, **small)
    yield mel("frequencies", 2, 70, min_freq=50.0, max_freq=300.0, **small)
    yield mel("odd_fft", 1, 60, fft_length=27, sequence_stride=7, num_mel_bins=5,
              sampling_rate=801)
    yield mel("stride_over_frame", 1, 90, fft_length=16, sequence_stride=21, num_mel_bins=4,
              sampling_rate=800)
    yield mel("signal_shorter_than_margin", 2, 9, **small)
    yield mel("two_steps", 2, 2, gradients=False, **small)
    yield mel("one_step", 2, 1, gradients=False, **small)
    yield mel("one_bin", 1, 40, fft_length=16, sequence_stride=5, num_mel_bins=1,
              sampling_rate=800)
    yield mel("many_bins", 1, 60, fft_length=64, sequence_stride=16, num_mel_bins=40,
              sampling_rate=8000)
    yield mel("long", 1, 3000, fft_length=256, sequence_stride=100, num_mel_bins=17,
              sampling_rate=4000)
    yield case("mel_spectrogram_loud", lambda: L.MelSpectrogram(**small),
               uniform(-1000, 1000, 1, 60), tolerance=3e-5)

    for mode in ("log", "magnitude", "psd", "real", "imag", "angle", "stft"):
        yield stft(mode, 2, 40, 1, mode=mode, frame_length=16)
        yield stft(f"{mode}_channels", 2, 37, 3, mode=mode, frame_length=12, frame_step=5,
                   fft_length=20, training=True)
        yield stft(f"{mode}_expanded", 2, 30, 3, mode=mode, frame_length=8, expand_dims=True)
        yield stft(f"{mode}_first", 2, 3, 30, mode=mode, frame_length=8,
                   data_format="channels_first")
        yield stft(f"{mode}_first_expanded", 1, 2, 30, mode=mode, frame_length=8,
                   data_format="channels_first", expand_dims=True)
    for window in ("hamming", "blackman", "boxcar", "triang", "bartlett", "cosine", "parzen",
                   "bohman", "nuttall", "blackmanharris", "flattop", "barthann", "lanczos"):
        yield stft(f"window_{window}", 1, 24, 1, window=window, frame_length=10, mode="stft")
    yield stft("no_window", 1, 24, 2, window=None, frame_length=10, mode="stft")
    yield stft("window_values", 1, 24, 1, window=[1.0, 2.0, 3.0, 1.5], frame_length=4,
               mode="stft")
    for scaling in ("density", "spectrum", None):
        for periodic in (True, False):
            yield stft(f"scaling_{scaling}_{'periodic' if periodic else 'symmetric'}", 1, 30, 2,
                       scaling=scaling, periodic=periodic, frame_length=9, mode="magnitude")
    yield stft("same", 2, 25, 2, padding="same", frame_length=8, frame_step=3)
    yield stft("same_first", 1, 2, 25, padding="same", frame_length=8, frame_step=3,
               data_format="channels_first", mode="psd")
    yield stft("same_short", 1, 5, 1, padding="same", frame_length=8, mode="real")
    yield stft("odd_fft", 1, 30, 1, frame_length=9, fft_length=13, mode="psd")
    yield stft("smallest", 1, 12, 1, frame_length=2, mode="stft", window="hamming")
    yield stft("long", 1, 2000, 1, frame_length=128, frame_step=50, mode="magnitude")
