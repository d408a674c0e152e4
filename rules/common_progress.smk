"""How far a run is: a line now and then, and results/<name>/progress.html."""

import time

from snakemake.logging import logger

from toposhape.jobs.job_sizes import SHAPES as SHAPES_OF_DEFAULT, relative_size
from toposhape.run_progress.reporter import Reporter
from toposhape.run_progress.work import Task, Work, expected_seconds

PROGRESS = []  # the reporter of this run, when it has started


def size_of(job):
    """The work of a job, that of the default run's jobs of its rule being 1."""
    names = job.wildcards_dict
    category = names.get("category", "")
    shapes = (
        len(REQUESTS[category][0].shapes) if category in REQUESTS else SHAPES_OF_DEFAULT
    )
    batch = len(BATCHES.get(category, {}).get(names.get("batch"), ()))
    method = names.get("method", "")
    given = {"category": category, "shapes": shapes, "batch": batch, "method": method}
    return relative_size(job.rule.name, RUN, **given)


def start_progress():
    """Listen to the jobs that are to be run."""
    try:
        dag = workflow.dag
        tasks = {
            dag.jobid(job): Task(
                job.rule.name,
                expected_seconds(job.rule.name, job.benchmark, size_of(job)),
            )
            for job in dag.needrun_jobs()
            if job.rule.name not in ("all", "publication")
        }
        work = Work(
            tasks, workflow.cores or workflow.nodes or len(tasks), time.monotonic()
        )
        reporter = Reporter(
            RUN.name, work, f"{RESULTS}/progress.html", PATHS.checkpoints
        )
    except (
        Exception
    ) as error:  # of a Snakemake that is not as we know it: the run goes on
        logger.warning(f"the progress of this run is not shown: {error}")
        return
    PROGRESS.append(reporter)
    logger.addHandler(reporter)


def end_progress(how):
    """Say on the page how the run ended."""
    for reporter in PROGRESS:
        logger.removeHandler(reporter)
        reporter.close_with(how)
