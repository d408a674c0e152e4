"""Batches of damaged mesh files: no crash, no hang, bounded memory, a reason for each rejection."""

import random
import re
import resource
import struct
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import trimesh

from toposhape.settings.shapes import Shapes
from toposhape.shapes.preparation import prepare_batch
from toposhape.shapes.prepared import PreparedShapes
from toposhape.shapes.requests import list_requests

SECONDS = 20
MEMORY = 1_500_000_000
FORMATS = ("obj", "ply", "ascii.ply", "stl", "stl_ascii", "off", "glb", "gltf", "dae", "3mf")
ABSURD = (-1, 0, 1 << 16, (1 << 31) - 1, 1 << 31, (1 << 32) - 1, 10**12, 10**30)


def sound_files(folder: Path) -> dict[str, bytes]:
    """A torus in every format."""
    mesh = trimesh.creation.torus(0.6, 0.25, major_sections=12, minor_sections=8)
    found = {}
    for name in FORMATS:
        suffix = name.split(".")[-1]
        options = {"encoding": "ascii"} if name == "ascii.ply" else {}
        content = mesh.export(file_type=suffix, **options)
        if isinstance(content, dict):  # glTF: the buffer lies beside it
            for other, data in content.items():
                (folder / other).write_bytes(data)
            content = content["model.gltf"]
            (folder / "model.gltf").unlink()
        found[name] = content.encode() if isinstance(content, str) else content
    return found


def flip_bits(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 4, 40))):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def cut(data: bytearray, chance: random.Random) -> None:
    del data[chance.randrange(len(data)) :]


def repeat(data: bytearray, chance: random.Random) -> None:
    a, b = sorted(chance.randrange(len(data)) for _ in range(2))
    data[b:b] = data[a:b] * chance.choice((1, 2, 50))


def claim(data: bytearray, chance: random.Random) -> None:
    """An absurd count where text or four bytes hold a number, more often in the header."""
    reach = chance.choice((200, 2000, len(data)))
    numbers = [m.span() for m in re.finditer(rb"\d+", bytes(data[:reach]))]
    value = chance.choice(ABSURD)
    if numbers and chance.random() < 0.6:
        a, b = chance.choice(numbers)
        data[a:b] = str(value).encode()
    else:
        place = chance.randrange(0, max(min(reach, len(data)) - 4, 1))
        data[place : place + 4] = struct.pack("<I", value % (1 << 32))


def fuzz(folder: Path, count: int, seed: int) -> None:
    """Write that many damaged files."""
    folder.mkdir()
    sound, chance = sound_files(folder), random.Random(seed)
    for number in range(count):
        name = FORMATS[number % len(FORMATS)]
        data = bytearray(sound[name])
        for _ in range(chance.choice((1, 1, 2))):
            if data:
                chance.choice((flip_bits, cut, repeat, claim))(data, chance)
        suffix = chance.choice(FORMATS) if chance.random() < 0.05 else name
        (folder / f"{number:04d}.{suffix.split('.')[-1]}").write_bytes(data)


LAUGHS = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in pairwise("abcdefghij"))
BOMBS = {
    "laughs.dae": f'<!DOCTYPE a [<!ENTITY a "ha">{LAUGHS}]><COLLADA>&j;</COLLADA>',
    "stranger.dae": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><COLLADA>&x;</COLLADA>',
    "deep.gltf": '{"a":' * 200_000,
    "deep.dae": "<a>" * 300_000,
    "list.ply": "ply\nformat binary_little_endian 1.0\nelement face 1000000\n"
    "property list uint float vertex_indices\nend_header\n" + "\x7f" * 400,
    "index.obj": "v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 2 999999999999\nf 1 3 4\n",
}  # fmt: skip


@pytest.mark.parametrize("count", [60, pytest.param(1000, marks=pytest.mark.slow)])
def test_a_batch_of_damaged_meshes(tmp_path, count, record_property):
    fuzz(tmp_path / "meshes", count, seed=count)
    for name, content in BOMBS.items():
        (tmp_path / "meshes" / name).write_text(content, encoding="latin1")
    requests = list_requests("folder", path=tmp_path / "meshes")
    assert len(requests) == count + len(BOMBS)
    clock = time.monotonic()
    manifest = prepare_batch(
        requests,
        tmp_path / "000",
        Shapes(
            resolution=16, samples=400, surface_points=100, seconds_per_shape=SECONDS,
            max_faces=100_000,
        ),
        progress=False,
        memory_per_worker=MEMORY,
    )  # fmt: skip
    seconds = time.monotonic() - clock
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    assert list(manifest["shape"]) == [request.shape for request in requests]
    accepted, rejected = (manifest[manifest["status"] == s] for s in ("ok", "rejected"))
    assert len(accepted) + len(rejected) == len(manifest)
    assert len(accepted) > count / 20  # a few more or less: exports hold the date
    assert len(rejected) > count / 4
    assert (rejected["reason"].str.len() > 3).all()
    for array in ("samples", "grid", "surface"):
        rows = PreparedShapes(tmp_path / "000/manifest.csv", [tmp_path / f"000/{array}.npy"])
        assert len(rows) == len(accepted)
        assert all(np.isfinite(rows[shape]).all() for shape in rows.shapes)
    bombs = manifest[manifest["source"].str.endswith(tuple(BOMBS))]
    assert (bombs["status"] == "rejected").all(), bombs[["source", "reason"]].to_string()
    assert not manifest["reason"].fillna("").str.contains("root:").any()
    reasons = rejected["reason"].str.replace(r"[\d'\"].*", "", regex=True).value_counts()
    record_property("seconds", f"{seconds:.0f}")
    record_property("peak of a worker [GB]", f"{peak:.2f}")
    record_property("accepted", len(accepted))
    record_property("reasons", reasons.to_string())
