"""`toposhape train`."""

import shlex
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from .options import Device, UpAxis
from .output import AsJson, note, say, show_json


def train(
    folders: Annotated[
        list[Path], typer.Argument(metavar="FOLDER...", help="Meshes, one folder a category.")
    ],
    name: Annotated[str, typer.Option(help="Name of the run: results go to results/NAME.")],
    preset: Annotated[
        str,
        typer.Option(
            help="quick: a first look, ten minutes on two cores; smoke: tiny networks, to see it "
            "run; default: every method, half an hour; packaged: the longest, trained as "
            "those that come with Toposhape."
        ),
    ] = "quick",
    cores: Annotated[str, typer.Option(help="How many cores, or all.")] = "all",
    up: UpAxis = "y",
    mirrored: Annotated[
        bool,
        typer.Option(
            "--mirrored", help="All shapes are alike left and right: generators learn one half."
        ),
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Random seed of the run.")] = 0,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Write NAME.yaml and plan, run nothing.")
    ] = False,
    pipeline: Annotated[
        Path | None, typer.Option(help="A copy of the repository. Left out: this package's own.")
    ] = None,
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Train generators on your meshes: write NAME.yaml and start Snakemake with it.

    The same command again goes on where a run was stopped.
    """
    from toposhape.jobs import start
    from toposhape.shapes.ids import unique_ids

    root = start.pipeline_folder(pipeline)
    known = ["default", *start.presets(root)]
    if preset not in known:
        raise typer.BadParameter(f"{preset!r} is none of {', '.join(known)}", param_hint="--preset")
    if Path(name).name != name:
        raise typer.BadParameter(
            f"{name!r} is a path: give a word; results lie in results/NAME of the working folder",
            param_hint="--name",
        )
    paths = [str(folder) for folder in folders]
    categories = unique_ids([folder.resolve().name for folder in folders], paths)
    config = Path(f"{name}.yaml")
    content = start.configuration(
        name, dict(zip(categories, folders, strict=True)), up, seed, device, mirrored
    )
    overlays = [] if preset == "default" else [root / "presets" / f"{preset}.yaml"]
    command = start.snakemake_command(root, [*overlays, config], cores, dry_run)
    try:
        start.write_configuration(config, content)
    except FileExistsError as error:  # edited by hand, perhaps
        error.add_note(f"or run it as it is: {shlex.join(command)}")
        raise
    note(f"{config} is written; {shlex.join(command)}")
    done = subprocess.run(command, stdout=sys.stderr if as_json else None)
    results = Path("results") / name
    if as_json:
        told = {"config": str(config), "command": command, "results": str(results)}
        show_json(told | {"code": done.returncode})
    if done.returncode:
        unlock = [word for word in command if word != "--dry-run"] + ["--unlock"]
        note(
            f"toposhape: Snakemake ended with code {done.returncode}, its words are above; the "
            "same command goes on from there (first, if a killed run has left a lock: "
            f"{shlex.join(unlock)})"
        )
        raise typer.Exit(1)
    if not (dry_run or as_json):
        say(f"Look at {results / 'publication' / 'gallery.html'}")
