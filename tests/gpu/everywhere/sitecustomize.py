"""Gives every script of the workflow that asks for a device the simulated GPU.

    PYTHONPATH=tests/gpu/everywhere snakemake --cores all --configfile presets/smoke.yaml \\
        --config device=cuda name=simulated

Python imports a module of this name when it starts.
"""

import sys
from pathlib import Path

scripts = [Path(each) for each in sys.orig_argv if each.endswith(".py")]
if scripts and scripts[0].parent.name == "scripts" and scripts[0].is_file():
    text = scripts[0].read_text(encoding="utf-8")
    if "choose_device" in text or "join_team" in text:
        sys.path.insert(0, str(Path(__file__).parents[1]))
        from simulated import simulated_gpu

        lasting = simulated_gpu()
        lasting.__enter__()  # as long as the process
