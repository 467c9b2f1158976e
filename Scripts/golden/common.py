"""What all golden generators share: the backend, seeds, and the two file forms (NPZ and JSON)."""

import io
import json
import os
import sys
import zipfile
import zlib
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import jax
import keras
import numpy as np

jax.config.update("jax_default_matmul_precision", "highest")

# Most of the time goes into compiling; the compiled programs are kept between runs.
root = Path(__file__).resolve().parents[2]
jax.config.update("jax_compilation_cache_dir", str(root / ".build-python" / "golden-cache"))
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)

GOLDEN = root / "Tests" / "Golden"


def generator(name):
    """A random generator that depends on the case's name alone, so cases can be added anywhere."""
    return np.random.default_rng(zlib.crc32(name.encode()))


def start(name):
    """Makes a case independent of the cases before it: layer names, seeds, random numbers."""
    keras.backend.clear_session(free_memory=False)
    keras.utils.set_random_seed(zlib.crc32(name.encode()))
    return generator(name)


def write_npz(path, arrays, compression=zipfile.ZIP_STORED):
    """Writes members with a fixed date, so that the same numbers give the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, array in arrays.items():
            array = np.asarray(array)
            # ascontiguousarray would turn a scalar into one element.
            if array.ndim > 0:
                array = np.ascontiguousarray(array)
            stream = io.BytesIO()
            np.lib.format.write_array(stream, array, version=(1, 0), allow_pickle=False)
            member = zipfile.ZipInfo(name + ".npy", (1980, 1, 1, 0, 0, 0))
            archive.writestr(member, stream.getvalue(), compression)


def versions():
    return {"keras": keras.__version__, "backend": "jax", "jax": jax.__version__}


def write_json(path, value):
    """Writes JSON with one case a line, so that a change of one case is a change of one line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(
        json.dumps(case, separators=(", ", ": "), allow_nan=False) for case in value["cases"])
    head = json.dumps(versions())
    path.write_text(f'{{"versions": {head},\n"cases": [\n{lines}\n]}}\n')


def write_family(folder, family, results):
    """Writes the cases of a family: `<family>.json`, and `<family>.npz` with all their arrays.

    Each result is an entry of the index with the arrays it names; in the archive they are called
    `<case>/<array>`.
    """
    names = [entry["name"] for entry, _ in results]
    assert len(set(names)) == len(names), sorted(n for n in names if names.count(n) > 1)
    arrays = {f"{entry['name']}/{name}": array
              for entry, own in results for name, array in own.items()}
    write_npz(folder / f"{family}.npz", arrays, zipfile.ZIP_DEFLATED)
    write_json(folder / f"{family}.json", {"cases": [entry for entry, _ in results]})
    size = sum((folder / f"{family}.{form}").stat().st_size for form in ("json", "npz"))
    print(f"{family}: {len(results)} cases, {size / 1024:.0f} KiB", file=sys.stderr)


def clear(folder):
    """Empties a family's folder, so that a case that was removed leaves no file behind."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.iterdir():
        if file.suffix in (".npz", ".json", ".keras", ".h5", ".txt"):
            file.unlink()
    return folder


def randomize(variables, random):
    """Gives every weight a random value that no initializer would give; variances stay positive."""
    for variable in variables:
        shape = tuple(variable.shape)
        if not keras.backend.is_float_dtype(variable.dtype):
            continue
        name = variable.path.split("/")[-1]
        value = 0.4 * random.standard_normal(shape)
        if name in ("gamma", "scale"):
            value = 1 + value
        elif name in ("moving_variance", "moving_stddev", "renorm_stddev"):
            value = 0.5 + random.random(shape)
        variable.assign(value.astype("float32"))


def finish(family, cases, folder):
    write_json(folder / "cases.json", {"cases": cases})
    size = sum(file.stat().st_size for file in folder.iterdir())
    print(f"{family}: {len(cases)} cases, {size / 1024:.0f} KiB", file=sys.stderr)
