"""Write envs/*.yaml: the packages of each group of rules, with the lock file's pins.

Used by `snakemake --sdm conda`; run it with `make envs` after `make lock`.
"""

import re
from pathlib import Path

HERE = Path(__file__).parent
COMMON = "lazy-loader numba numpy pandas pyarrow pydantic scipy trimesh"
GROUPS = {
    "shapes": f"{COMMON} embreex gudhi libigl lxml manifold3d networkx pycollada tqdm",
    "generators": f"{COMMON} embreex gudhi libigl safetensors scikit-image tensorboard torch tqdm",
    "publication": f"{COMMON} embreex matplotlib pillow safetensors scikit-image",
}
GROUPS["scans"] = GROUPS["generators"] + " lxml manifold3d matplotlib networkx pillow pycollada"
GROUPS["gallery"] = GROUPS["publication"] + " manifold3d"


def locked_versions() -> dict[str, str]:
    """Versions in requirements.lock by lower-case package name."""
    lines = (HERE.parent / "requirements.lock").read_text().splitlines()
    pins = (re.match(r"([A-Za-z0-9_.-]+)==(\S+)", line) for line in lines)
    return {pin[1].lower().replace("_", "-"): pin[2] for pin in pins if pin}


def environment(group: str) -> str:
    """The conda environment file of a group."""
    versions = locked_versions()
    pins = "\n".join(f"      - {name}=={versions[name]}" for name in sorted(GROUPS[group].split()))
    return (
        "# Made by `make envs` from requirements.lock; do not edit.\n"
        "channels: [conda-forge]\n"
        "dependencies:\n  - python=3.11\n  - pip\n  - pip:\n" + pins + "\n"
    )


if __name__ == "__main__":
    for name in GROUPS:
        (HERE / f"{name}.yaml").write_text(environment(name))
