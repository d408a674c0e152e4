"""The reporter: what Snakemake logs becomes lines and a page, and never an error of the run."""

import logging
import os
import time
from html.parser import HTMLParser

import pytest

from toposhape.run_progress import reporter as module
from toposhape.run_progress.page import progress_page
from toposhape.run_progress.reporter import Reporter
from toposhape.run_progress.work import Task, Work


@pytest.fixture
def run(tmp_path):
    """A reporter of two jobs, its work and the logger that it listens to."""
    work = Work({3: Task("prepare_shapes", 5), 4: Task("tables", 5)}, 1, time.monotonic())
    reporter = Reporter("mine", work, tmp_path / "progress.html", tmp_path / "checkpoints")
    logger = logging.Logger("like Snakemake's")
    logger.addHandler(reporter)
    yield reporter, work, logger
    reporter.close_with("Done")


def started(logger, number, message="words"):
    logger.info("", extra={"event": "job_info", "jobid": number, "rule_msg": message})


def finished(logger, number):
    logger.info("", extra={"event": "job_finished", "job_id": number})


def test_jobs_start_and_end_as_they_are_logged(run, capsys):
    _, work, logger = run
    started(logger, 3, "Signed distance of <chairs>")
    assert [task.title for task in work.running] == ["Signed distance of <chairs>"]
    logger.info("something else")
    started(logger, 99)  # a job that nobody knows
    finished(logger, 3)
    assert (work.done, work.running) == (1, [])
    started(logger, 4)
    finished(logger, 4)
    lines = [x for x in capsys.readouterr().err.splitlines() if x.startswith("Progress: ")]
    assert len(lines) == 1  # no terminal: one now and then, and the last
    assert lines[0].startswith("Progress: 100 % of the work; 2 of 2 jobs")


def test_on_a_terminal_every_job_has_its_line(run, capsys):
    reporter, _, logger = run
    reporter._watched = True
    for number in (3, 4):
        started(logger, number)
        finished(logger, number)
    assert capsys.readouterr().err.count("Progress: ") == 2


def test_a_job_that_is_started_again_runs_again(run):
    _, work, logger = run
    started(logger, 3)
    finished(logger, 3)
    started(logger, 3)
    assert work.done == 0
    assert len(work.running) == 1


def test_a_job_that_failed_does_not_run_any_longer(run):
    _, work, logger = run
    started(logger, 3)
    logger.error("", extra={"event": "job_error", "jobid": 3})
    assert (work.done, work.running) == (0, [])


def test_the_page_ends_with_the_run(run, tmp_path):
    reporter, _, logger = run
    finished(logger, 3)
    reporter.close_with("Stopped by an error")
    text = (tmp_path / "progress.html").read_text()
    assert "Stopped by an error after" in text
    assert "http-equiv" not in text  # it need not load itself again


def test_no_error_of_the_reports_reaches_the_run(run, monkeypatch, capsys):
    reporter, _, logger = run

    def full(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr(module, "progress_line", full)
    reporter._watched = True
    started(logger, 3)
    finished(logger, 3)
    finished(logger, 4)
    assert capsys.readouterr().err.count("Progress is no longer shown: No space left") == 1


class Balance(HTMLParser):
    """Whether every element is closed in its turn."""

    def __init__(self):
        super().__init__()
        self.open, self.seen = [], []

    def handle_starttag(self, tag, attributes):
        self.seen.append(tag)
        if tag not in ("meta", "polyline"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag != "polyline":
            assert self.open.pop() == tag


def history(folder, text):
    folder.mkdir(parents=True)
    (folder / "history.csv").write_text(text)
    return folder / "history.csv"


def test_the_page_is_html_with_stages_jobs_and_curves(tmp_path):
    running = tmp_path / "shapes" / "chair" / "relu" / "seed0" / "0a1b"
    since = history(running, "epoch,data\n1,0.5\n2,0.25\n3,0.125\n").stat().st_mtime - 1
    old = history(tmp_path / "joint" / "old", "epoch,data\n1,9\n2,8\n")
    os.utime(old, (since - 100, since - 100))
    tasks = {
        1: Task("prepare_shapes", 5, begin=0, end=5),
        2: Task("train_shape_generator", 50, "Pretraining <b> & co", begin=5),
        3: Task("tables", 5),
    }
    text = progress_page("my <run>", Work(tasks, 2, 0), 15, tmp_path, since)
    page = Balance()
    page.feed(text)
    assert page.open == []
    assert page.seen.count("polyline") == 1
    assert "shapes / chair / relu / seed0: 0.125 after 3 epochs" in text
    assert "Pretraining &lt;b&gt; &amp; co" in text
    assert "my &lt;run&gt;" in text
    assert "1 of 1 jobs" in text
    assert 'http-equiv="refresh"' in text
