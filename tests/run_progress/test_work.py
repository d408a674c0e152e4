"""How far a run is: by what it took before, and by what it takes now."""

import pytest

from toposhape.run_progress.stages import STAGES, stage_of, usual_seconds
from toposhape.run_progress.words import duration, progress_line
from toposhape.run_progress.work import Task, Work, expected_seconds


def work(*tasks, cores=2):
    return Work(dict(enumerate(tasks)), cores, begin=100.0)


def test_the_last_run_tells_what_a_job_takes(tmp_path):
    file = tmp_path / "chair.tsv"
    file.write_text("s\th:m:s\tmax_rss\n12.5\t0:00:12\t100\n")
    assert expected_seconds("synthesise", file) == 12.5
    for content in ("", "s\th:m:s\n", "s\tx\n-\t-\n"):
        file.write_text(content)
        assert expected_seconds("synthesise", file) == usual_seconds("synthesise")
    assert expected_seconds("synthesise", tmp_path / "none.tsv") == usual_seconds("synthesise")
    assert expected_seconds("tables", None) == usual_seconds("tables")
    assert expected_seconds("synthesise", None, size=0.5) == usual_seconds("synthesise") / 2
    assert expected_seconds("synthesise", None, size=0.0) > 1  # a job starts and ends


def test_every_rule_has_one_stage():
    named = [rule for rules in STAGES.values() for rule in rules]
    assert len(named) == len(set(named))
    assert stage_of("train_jointly") == "joint training"
    assert stage_of("betti_figure") == stage_of("a rule of tomorrow") == "tables and figures"


def test_time_left_is_learned_from_the_jobs_that_are_done():
    """Both take three times as long as expected, one at a time."""
    run = work(Task("a", 10, begin=100, end=130), Task("a", 20), cores=1)
    assert run.work_left(130) == pytest.approx(60)
    assert run.seconds_left(130) == pytest.approx(60)
    assert run.share(130) == pytest.approx(1 / 3)


def test_a_short_job_says_little_of_other_rules():
    """It took four times as long as expected; so much of the others would be an hour."""
    run = work(Task("a", 20, begin=100, end=180), Task("b", 900), cores=1)
    assert 900 < run.seconds_left(180) < 1.5 * 900
    slow = work(Task("a", 2000, begin=100, end=8100), Task("b", 900), cores=1)
    assert slow.seconds_left(8100) > 3.5 * 900


def test_each_rule_has_its_own_pace():
    run = work(Task("a", 10, begin=100, end=110), Task("b", 10, begin=110, end=140), Task("b", 10))
    assert run.work_left(140) == pytest.approx(30)


def test_jobs_at_a_time_shorten_what_is_left():
    one = work(Task("a", 10, begin=100, end=110), Task("a", 40), cores=2)
    two = work(*(Task("a", 10, begin=100, end=110) for _ in range(2)), Task("a", 40), cores=2)
    assert one.seconds_left(110) == pytest.approx(40)
    assert two.seconds_left(110) == pytest.approx(20)


def test_a_job_that_takes_longer_than_expected_is_not_done():
    run = work(Task("a", 10, begin=100, end=110), Task("a", 10, begin=110))
    assert 0 < run.work_left(500) < 1
    assert run.share(500) < 1


def test_nothing_is_promised_before_a_job_is_done():
    run = work(Task("a", 10, begin=100), Task("a", 10))
    assert run.seconds_left(105) is None
    assert "left" not in progress_line(run, 105)


def test_a_line_for_people():
    run = work(
        Task("prepare_shapes", 60, begin=100, end=160),
        Task("train_jointly", 600, begin=160),
        Task("train_jointly", 600),
    )
    assert progress_line(run, 220) == (
        "10 % of the work; 1 of 3 jobs in 2 min; about 19 min left; now: joint training"
    )
    for task in run.tasks.values():
        task.begin, task.end = 100, 160
    assert progress_line(run, 160) == "100 % of the work; 3 of 3 jobs in 60 s"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 s"), (89, "89 s"), (91, "2 min"), (5000, "83 min"), (11_100, "3 h 05 min")],
)
def test_durations_are_round(seconds, words):
    assert duration(seconds) == words
