"""Small files of the formats of data, made by NumPy and h5py: Tests/Golden/formats."""

import gzip
import io
import json
import struct
import zipfile
import zlib
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


def hdf5_layouts():
    """Each way in which an array can be kept, and groups and attributes that take more room."""
    with h5py.File(GOLDEN / "layouts.h5", "w") as file:
        table = np.arange(70).reshape(7, 10)
        block = np.arange(210, dtype="<f4").reshape(5, 6, 7)
        gzip_shuffle = {"compression": "gzip", "shuffle": True}
        edges = {"chunks": (3, 4)}
        for dtype in ["<f2", ">f4", "<f8", "<i1", ">i2", "<i4", ">i8", "<u1", "<u2", ">u4", "<u8"]:
            file.create_dataset(f"types/{dtype[1:]}", data=table.astype(dtype), **edges, **gzip_shuffle)
        file.create_dataset("types/bool", data=table % 3 == 0, **edges, **gzip_shuffle)
        file.create_dataset("chunks/plain", data=table.astype("<f4"), **edges)
        file.create_dataset("chunks/shuffle", data=table.astype("<f4"), shuffle=True, **edges)
        file.create_dataset("chunks/checksum", data=table.astype("<f4"), fletcher32=True, **edges)
        # Of an odd number of bytes, and of more than are summed up at once.
        file.create_dataset("chunks/checksum-odd", data=(table % 251).astype("u1"), chunks=(7, 5), fletcher32=True)
        file.create_dataset("chunks/checksum-long", data=np.full(2000, 255, "u1"), chunks=(1999,), fletcher32=True)
        file.create_dataset("chunks/all", data=table.astype("<f4"), fletcher32=True, **edges, **gzip_shuffle)
        file.create_dataset("chunks/rows", data=block, chunks=(2, 6, 7), compression="gzip")
        file.create_dataset("chunks/columns", data=block, chunks=(5, 6, 2), compression="gzip")
        file.create_dataset("chunks/larger", data=block, chunks=(8, 8, 8), maxshape=(None,) * 3, compression="gzip")
        # More chunks than one node of the tree holds.
        file.create_dataset("chunks/many", data=np.arange(200, dtype="<i4"), chunks=(2,))
        file.create_dataset("missing/chunks", (7, 10), "<f4", fillvalue=3.5, **edges)[3:5, 1:2] = 1
        file.create_dataset("missing/big", (7, 10), ">i4", fillvalue=-2, **edges)[0, 0] = 1
        file.create_dataset("missing/zeros", (7, 10), "<f4", **edges)
        file.create_dataset("missing/all", (2, 3), "<f4", fillvalue=-1)
        compact = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        compact.set_layout(h5py.h5d.COMPACT)
        space = h5py.h5s.create_simple((7, 10))
        dataset = h5py.h5d.create(file.id, b"compact", h5py.h5t.IEEE_F32LE, space, compact)
        h5py.Dataset(dataset)[...] = table
        # More names than one node of a tree of leaves holds.
        for index in range(300):
            file[f"many/{index * 7 % 300:03}"] = file["compact"]
        attributes = file.create_group("attributes").attrs
        for index in range(30):
            attributes[f"text{index}"] = [f"{index} {part}" for part in range(index % 5)] or ""
        attributes["big"] = np.array([1, -2], ">i4")
        attributes["flags"] = np.array([True, False])
        attributes["long"] = "ä" * 3000
        attributes["null"] = h5py.Empty("S1")
    with h5py.File(GOLDEN / "chunks.h5", "w") as file:
        everything = {"compression": "gzip", "shuffle": True, "fletcher32": True}
        file.create_dataset("packed", data=COUNT.astype(">f4"), chunks=(2, 2, 3), **everything)
        file.create_dataset("missing", (5, 4), "<i2", chunks=(2, 3), fillvalue=7)[0, 0] = 1
    with h5py.File(GOLDEN / "latest.h5", "w", libver="latest") as file:
        file["group/plain"] = COUNT.astype("<f4")
        file["group/plain"].attrs["name"] = ["latest"]
        file.create_dataset("chunks", data=COUNT.astype("<f4"), chunks=(1, 3, 4), compression="gzip")
        for index in range(20):
            file[f"many/{index}"] = file["group/plain"]
            file["many"].attrs[str(index)] = "text"


def hdf5_hostile():
    """What makes much of little, or needs what a reader does not have."""
    with h5py.File(GOLDEN / "hostile.h5", "w") as file:
        # Chunks of which none is there.
        file.create_dataset("unwritten", (1 << 36,), "<f4", chunks=(1 << 10,), fillvalue=1.5)
        file.create_dataset("unwritten-gzip", (1 << 36,), "<f4", chunks=(1 << 10,), compression="gzip")
        file.create_dataset("unwritten-axes", (1 << 40, 1 << 40), "<f4", chunks=(1, 1))
        # Four megabytes where sixteen bytes should be, and too few.
        for name, size in [("inflates", 1 << 22), ("short", 3)]:
            packed = file.create_dataset(name, (16,), "<u1", chunks=(16,), compression="gzip")
            packed.id.write_direct_chunk((0,), zlib.compress(bytes(size), 9))
        file.create_dataset("scaled", data=np.arange(16, dtype="<i4"), chunks=(16,), scaleoffset=0)
        # A filter that no library has needs not be run, but is named.
        filters = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        filters.set_chunk((16,))
        filters.set_filter(32001, h5py.h5z.FLAG_OPTIONAL, (1, 2))
        h5py.h5d.create(file.id, b"unknown", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple((16,)), filters)
        file.create_dataset("filled", (3,), "<f4", chunks=(2,), fillvalue=2.5)
        for name in ["one", "two"]:
            file[name] = np.arange(5, dtype="<f4") + len(file)


def hdf5_digests():
    """What h5py reads from each HDF5 file of the repository, as one number for each file."""

    def line(path, array):
        dtype = {"V2": "bfloat16", "i2": "int32", "u2": "int32", "u4": "int64", "u8": "int64"}.get(
            array.dtype.str[1:], array.dtype.name)
        if array.dtype.kind != "V":
            array = array.astype(dtype)
        return f"{path} {dtype} {list(array.shape)} {zlib.adler32(array.tobytes())}"

    def digest(file):
        lines = []

        def visit(path, item):
            for name, value in item.attrs.items():
                if isinstance(value, h5py.Empty):
                    value = np.zeros(0)
                values = np.atleast_1d(value)
                if values.dtype.kind in "OSU" or values.size == 0:
                    texts = [v.decode() if isinstance(v, bytes) else str(v) for v in values]
                    lines.append(f"{path}@{name} {'|'.join(texts)}")
                else:
                    lines.append(f"{path}@{name} {[int(v) for v in values]}")
            if isinstance(item, h5py.Dataset):
                lines.append(line(path, item[()] if item.shape else np.asarray(item[()], item.dtype)))

        def walk(group, prefix):
            # Not visititems, which leaves out all paths but one to the same array.
            visit(prefix or "/", group)
            for name in group:
                path = f"{prefix}/{name}"
                walk(group[name], path) if isinstance(group[name], h5py.Group) else visit(path, group[name])

        walk(file, "")
        return {"lines": len(lines), "digest": zlib.adler32("\n".join(sorted(lines)).encode())}

    digests = {}
    for path in sorted(GOLDEN.parent.rglob("*")):
        name = str(path.relative_to(GOLDEN.parent))
        if path.suffix == ".keras":
            source = io.BytesIO(zipfile.ZipFile(path).read("model.weights.h5"))
        elif path.suffix == ".h5" and path.name not in ["arrays.h5", "elsewhere.h5", "latest.h5", "hostile.h5"]:
            source = path
        else:
            continue
        with h5py.File(source, "r") as file:
            digests[name] = digest(file)
    (GOLDEN / "hdf5_digests.json").write_text(json.dumps(digests, indent=1) + "\n")


GOLDEN.mkdir(parents=True, exist_ok=True)
arrays()
idx()
hdf5()
hdf5_layouts()
hdf5_hostile()
hdf5_digests()
