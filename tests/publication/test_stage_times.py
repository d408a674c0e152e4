from toposhape.publication.stage_times import stage_lines, stage_times

HEADER = "s\th:m:s\tmax_rss\tmax_vms\tmax_uss\tmax_pss\tio_in\tio_out\tmean_load\tcpu_time\n"


def test_jobs_of_a_rule_are_summed_up(tmp_path):
    jobs = ("train/a", 2, 100, 1.5), ("train/deep/b", 5, 50, 4.0), ("verify", 3, 70, 2.5)
    for name, seconds, memory, processor in jobs:
        job = tmp_path / f"{name}.tsv"
        job.parent.mkdir(parents=True, exist_ok=True)
        row = f"{seconds}\t0:00:0{seconds}\t{memory}\t-\t-\t-\t-\t-\t-\t{processor}\n"
        job.write_text(HEADER + row)
    times = stage_times(tmp_path)
    assert times.iloc[0].tolist() == ["train", 2, 5.5, 5.0, 100.0]
    assert times.iloc[1].tolist() == ["verify", 1, 2.5, 3.0, 70.0]  # a rule with one job: no folder
    assert stage_lines(times)[-2] == "| train | 2 | 6 | 5 | 100 |"
