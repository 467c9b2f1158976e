"""Small files of the formats of data, made by NumPy and h5py: Tests/Golden/formats."""

import gzip
import io
import struct
from pathlib import Path

import h5py
import numpy as np

GOLDEN = Path(__file__).resolve().parents[2] / "Tests" / "Golden" / "formats"
COUNT = np.arange(24).reshape(2, 3, 4)


def write_npy(name, array, version=(1, 0)):
    with open(GOLDEN / f"{name}.npy", "wb") as stream:
        np.lib.format.write_array(stream, array, version=version, allow_pickle=False)


def arrays():
    for dtype in ["f2", "f4", "f8", "u1", "i1", "i2", "i4", "i8", "u2", "u4", "u8"]:
        write_npy(dtype, COUNT.astype("<" + dtype))
        if dtype[1] != "1":
            write_npy(f"{dtype}-big", COUNT.astype(">" + dtype))
    write_npy("bool", COUNT % 2 == 1)
    write_npy("fortran", np.asfortranarray(COUNT.astype("<f4")))
    write_npy("fortran-big", np.asfortranarray(COUNT.astype(">i2")))
    write_npy("scalar", np.float32(7))
    write_npy("empty", np.zeros((0, 3), "<f4"))
    write_npy("version2", COUNT.astype("<f4"), (2, 0))
    write_npy("version3", COUNT.astype("<f4"), (3, 0))
    write_npy("complex", COUNT.astype("<c8"))
    write_npy("fields", np.zeros(2, [("a", "<f4"), ("b", "<i4")]))
    named = {"x": COUNT.astype("<f4"), "y": np.arange(2, dtype="<i8")}
    np.savez(GOLDEN / "stored.npz", **named)
    np.savez_compressed(GOLDEN / "deflated.npz", **named)


def idx():
    plain = struct.pack(">HBBIII", 0, 8, 3, 2, 3, 4) + COUNT.astype("u1").tobytes()
    (GOLDEN / "u1.idx").write_bytes(plain)
    (GOLDEN / "u1.idx.gz").write_bytes(gzip.compress(plain, mtime=0))
    big = struct.pack(">HBBII", 0, 0x0B, 2, 2, 3) + np.array([[-1, 2, 3], [4, 5, 600]], ">i2").tobytes()
    (GOLDEN / "i2.idx").write_bytes(big)


def hdf5():
    with h5py.File(GOLDEN / "arrays.h5", "w") as file:
        for dtype in ["f2", "f4", "f8", "u1", "i1", "i2", "i4", "i8"]:
            file[f"plain/{dtype}"] = COUNT.astype("<" + dtype)
        file["plain/bool"] = COUNT % 2 == 1
        file["plain/big"] = COUNT.astype(">f4")
        file["plain/scalar"] = np.float32(7)
        file["plain/none"] = np.zeros((0, 3), "<f4")
        bfloat16 = file.create_dataset("plain/bfloat16", data=np.array([0x3F80, 0xC000], "<u2").view("V2"))
        bfloat16.attrs["dtype"] = "bfloat16"
        packed = {"chunks": (1, 3, 4), "shuffle": True, "compression": "gzip"}
        file.create_dataset("packed", data=COUNT.astype("<f4"), **packed)
        file["text"] = "words"
        file.create_dataset("other-filter", data=np.zeros(600, "<f4"), compression="lzf")
        file["soft"] = h5py.SoftLink("/plain/f4")
        file["external"] = h5py.ExternalLink("other.h5", "/x")
        file["self"] = file["/"]
        file.attrs["model_config"] = "a string of variable length: ü"
        file.attrs["fixed"] = np.bytes_("fixed")
        file.attrs["layer_names"] = [b"dense", b"a longer name"]
        file.attrs["variable"] = ["one", "two"]
        file.attrs["none"] = np.asarray([])
        file.attrs["number"] = 3
        file.attrs["numbers"] = np.array([1.5, 2.5])
        file.attrs["split0"] = [b"a"]
        file.attrs["split1"] = [b"b", b"c"]
    with h5py.File(GOLDEN / "small.h5", "w") as file:
        file["layers/dense/vars/0"] = np.arange(6, dtype="<f4").reshape(2, 3)
        file["layers/dense/vars"].attrs["name"] = "dense"
        file.create_dataset("packed", data=COUNT.astype("<f4"), chunks=(1, 3, 4), compression="gzip")
        file.attrs["layer_names"] = [b"dense"]
    with h5py.File(GOLDEN / "elsewhere.h5", "w") as file:
        # Elements that would be read from another file of the reader's machine.
        file.create_dataset("x", (2,), "<f4", external=[("/etc/passwd", 0, 8)])
        layout = h5py.VirtualLayout(shape=(2,), dtype="<f4")
        layout[:] = h5py.VirtualSource("other.h5", "x", shape=(2,))
        file.create_virtual_dataset("virtual", layout)
        # A few bytes that claim to be terabytes.
        file.create_dataset("huge", (1 << 40,), "<f4")


GOLDEN.mkdir(parents=True, exist_ok=True)
arrays()
idx()
hdf5()
