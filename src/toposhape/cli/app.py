"""All commands together, and what becomes of an error: one line, and exit code 1."""

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from toposhape import __version__

from . import check, compare, diagram, doctor, fit, gallery, sample, train
from .output import complain

CONTEXT = {"help_option_names": ["-h", "--help"]}


class _Commands(TyperGroup):
    """Commands whose errors are told in one line."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except (typer.TyperException, typer.Exit, typer.Abort, BrokenPipeError):
            raise  # usage, the end, Ctrl-C, and a reader that has seen enough: Typer's business
        except Exception as error:
            if ctx.params["traceback"]:
                raise
            complain(error)
            raise typer.Exit(1) from None


app = typer.Typer(
    cls=_Commands, context_settings=CONTEXT, no_args_is_help=True, pretty_exceptions_enable=False
)
for each in (
    doctor.doctor,
    diagram.diagram,
    sample.sample,
    fit.interpolate,
    fit.fit,
    check.check,
    compare.compare,
    gallery.gallery,
    train.train,
):
    app.command(context_settings=CONTEXT)(each)


def _tell_version(asked: bool) -> None:
    if asked:
        typer.echo(f"toposhape {__version__}")
        raise typer.Exit


@app.callback()
def toposhape(
    traceback: Annotated[
        bool, typer.Option("--traceback", help="Show where in the code an error arose.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Say which.")
    ] = False,
) -> None:
    """Topology of shapes: persistence diagrams, generators, scores.

    GENERATOR is chair, table or sofa, which come with Toposhape; a .safetensors file, its folder;
    or a training of a run, such as results/chairs:chair/Ours-DeepSDF.
    """
