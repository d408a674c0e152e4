"""A small run of the pipeline, in a folder and with meshes of its own."""

import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import trimesh
import yaml
from watching import MARK, alive

ROOT = Path(__file__).parent.parent.parent
WEIGHTS = "results/drill/generators/ring/DeepSDF/seed0/generator.safetensors"
SMALL = """
name: drill
training_seeds: [0]
shapes: {resolution: 24, samples: 4000, surface_points: 512, batch_size: 10}
shape_generator:
  decoder: {width: 32, depth: 3, latent_size: 3, skip_layers: [1]}
  training: {max_epochs: 60, patience_epochs: null, samples_per_shape: 64, checkpoint_every: 5}
diagram_generator: {training: {max_epochs: 20}}
joint_training: {steps: 10, resolution: 24, consistency_codes: 2}
evaluation:
  draws: 2
  posterior_draws: 1
  chamfer_points: 256
  reconstruction: {steps: 20, samples_per_shape: 128, surface_points: 512}
"""


class Project:
    """A folder in which the pipeline runs, on meshes of its own."""

    def __init__(self, folder: Path, names: str = "ring {}.obj", **environment: str) -> None:
        self.folder = folder
        self.output = folder.with_name(folder.name + ".txt")
        meshes = folder / "meshes"
        meshes.mkdir(parents=True)
        for i in range(10):
            mesh = trimesh.creation.torus(0.5 + 0.02 * i, 0.2, major_sections=16, minor_sections=8)
            mesh.export(meshes / names.format(i))
        config = yaml.safe_load(SMALL)
        config["categories"] = [{"name": "ring", "source": "folder", "path": str(meshes)}]
        (folder / "drill.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
        self.environment = {**os.environ, **environment, MARK: str(folder)}

    def start(self, *options: str, target: str = WEIGHTS) -> subprocess.Popen:
        command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile")]
        command += ["--cores", "1", "--directory", str(self.folder), *options]
        command += ["--workflow-profile", str(ROOT / "profiles" / "default")]
        command += ["--configfile", str(ROOT / "config.yaml"), str(self.folder / "drill.yaml")]
        command += ["--", target]
        with self.output.open("wb") as output:  # a pipe would break with its reader
            return subprocess.Popen(
                command, stdout=output, stderr=output, env=self.environment, cwd=self.folder
            )

    def run(self, *options: str, target: str = WEIGHTS) -> tuple[int, str]:
        code = self.start(*options, target=target).wait()
        return code, self.output.read_text(errors="replace")

    def finish(self) -> bytes:
        code, output = self.run()
        assert code == 0, output
        return (self.folder / WEIGHTS).read_bytes()

    def job(self, snakemake: subprocess.Popen, rule: str) -> int:
        """The process of a rule's script, as soon as it runs; 0 if Snakemake ends before."""
        while snakemake.poll() is None:
            for process in alive(self.folder):
                with suppress(OSError):
                    if f".{rule}.py\0" in Path(f"/proc/{process}/cmdline").read_text():
                        return process
            time.sleep(0.02)
        return 0
