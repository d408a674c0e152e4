"""The workflow plans what a person asks for, and says clearly what is wrong."""

import os
import re
from pathlib import Path

import numpy as np
import pytest
import trimesh
import yaml
from warm_snakemake import run_snakemake

from toposhape.shapes.furniture import make_shape

ROOT = Path(__file__).parent.parent


def workflow(*arguments, folder, **environment):
    """Start the workflow with results in a folder of its own."""
    command = ["--snakefile", ROOT / "Snakefile", "--cores", "2"]
    command += ["--directory", folder, "--workflow-profile", "none", *arguments]
    if "--configfile" not in arguments:
        command += ["--configfile", ROOT / "config.yaml"]
    return run_snakemake(command, ROOT, os.environ | environment)


def plan(*arguments, folder):
    """Dry-run it."""
    return workflow("--dry-run", *arguments, folder=folder)


def jobs(run):
    """Number of jobs by rule, from Snakemake's table."""
    assert run.returncode == 0, run.stdout + run.stderr
    lines = (run.stdout + run.stderr).splitlines()
    start = max(i for i, line in enumerate(lines) if line.startswith("job "))
    rows = [line.split() for line in lines[start + 2 :]]
    return {row[0]: int(row[1]) for row in rows if len(row) == 2 and row[1].isdigit()}


def test_scripts_read_their_job_and_call_the_library():
    named = "".join(path.read_text() for path in (ROOT / "rules").glob("*.smk"))
    scripts = list((ROOT / "workflow_scripts").glob("*.py"))
    assert {each.name for each in scripts} > set(re.findall(r'scripts/(\w+\.py)"', named))
    assert [each.name for each in scripts if len(each.read_text().splitlines()) > 40] == []


@pytest.fixture(scope="module")
def default_jobs(tmp_path_factory):
    return jobs(plan(folder=tmp_path_factory.mktemp("default")))


def test_default_run_pretrains_every_variant_once_and_trains_every_method(default_jobs):
    planned = default_jobs
    assert planned["train_shape_generator"] == 3  # one of them for figure 2 alone
    assert planned["train_diagram_generator"] == 2
    assert planned["train_jointly"] == 7
    assert planned["train_set_diffusion"] == 1
    assert planned["filter_codes"] == 1  # a row draws beside tried codes
    assert planned["prepare_shapes"] == planned["compute_diagrams"]
    assert planned["tables"] == 1
    assert planned["interpolate_shapes"] == 2  # walks of two methods are enough


@pytest.mark.parametrize(("only", "categories"), [("[]", 3), ("sofa", 1), ("[chair,table]", 2)])
def test_the_furniture_preset_has_all_categories_or_some(tmp_path, only, categories):
    files = (ROOT / "config.yaml", ROOT / "presets" / "furniture.yaml")
    planned = jobs(plan("--configfile", *files, "--config", f"only={only}", folder=tmp_path))
    assert planned["train_jointly"] == 7 * categories
    pretrained = 2 * categories + (only != "sofa")  # figure 2 is one of chairs
    assert planned["train_shape_generator"] == pretrained
    assert planned["interpolate_shapes"] == 2 * categories


def test_a_folder_of_meshes_needs_eight_lines(tmp_path):
    meshes = tmp_path / "my meshes ü"
    meshes.mkdir()
    for i in range(12):
        trimesh.creation.box((1, 1 + i, 2)).export(meshes / f"box {i}.obj")
    config = tmp_path / "mine.yaml"
    category = {"name": "box", "source": "folder", "path": str(meshes), "up": "z"}
    config.write_text(yaml.safe_dump({"name": "mine", "categories": [category]}))
    assert len(config.read_text().splitlines()) <= 8
    run = plan("--configfile", ROOT / "config.yaml", config, folder=tmp_path)
    assert jobs(run)["train_jointly"] == 7
    assert "results/mine/" in run.stdout + run.stderr


@pytest.mark.parametrize(("preset", "rows", "seeds"), [("quick", 2, 1), ("real", 5, 3)])
def test_presets_take_a_folder_from_the_command_line(tmp_path, preset, rows, seeds):
    lamps = tmp_path / "data" / "lamps"
    lamps.mkdir(parents=True)
    for i in range(12):
        trimesh.creation.box((1, 1 + i, 2)).export(lamps / f"{i}.obj")
    category = "categories=[{name: lamp, source: folder, path: data/lamps}]"
    files = (ROOT / "config.yaml", ROOT / "presets" / f"{preset}.yaml")
    run = plan("--configfile", *files, "--config", "name=mine", category, folder=tmp_path)
    assert jobs(run)["train_jointly"] == rows * seeds
    assert "results/mine/shapes/lamp/" in run.stdout + run.stderr


def test_a_gpu_that_is_not_there_is_missed_before_the_first_job(tmp_path):
    run = workflow("--config", "device=cuda", folder=tmp_path, CUDA_VISIBLE_DEVICES="")
    assert run.returncode != 0
    assert "device: cuda is asked for, but torch sees no GPU" in run.stderr
    assert "Traceback" not in run.stderr
    assert not (tmp_path / "results").exists()


def test_adding_a_method_is_adding_an_entry(tmp_path):
    config = tmp_path / "more.yaml"
    config.write_text("methods: {Mine: {variant: DeepSDF, baseline: DeepSDF-VAD}}\n")
    run = plan("--configfile", ROOT / "config.yaml", config, folder=tmp_path)
    assert jobs(run)["train_jointly"] == 8


def test_rows_that_share_a_training_are_drawn_and_scored_and_train_nothing(tmp_path, default_jobs):
    config = tmp_path / "shared.yaml"
    rows = {
        "Repaired": {"trained_as": "Ours-DeepSDF", "repair": True},
        "Dense-Sets": {"trained_as": "3DShape2VecSet"},
    }
    shown = {"compared_methods": ["Ours-DeepSDF", "Repaired"]}
    config.write_text(yaml.safe_dump({"methods": rows, "publication": shown}))
    run = plan("--configfile", ROOT / "config.yaml", config, folder=tmp_path)
    planned = jobs(run)
    more = {rule: n - default_jobs[rule] for rule, n in planned.items() if n != default_jobs[rule]}
    assert more.pop("total") == sum(more.values())
    assert more == {"synthesise_otherwise": 2, "score_generator": 2, "picture_shapes": 2}
    told = run.stdout + run.stderr
    assert "trained/chair/Repaired" not in told
    assert "Other shapes of the same generator: Dense-Sets, chair, seed 0" in told


def test_figures_show_the_rows_that_are_named_and_nothing_else_is_trained_for_them(tmp_path):
    config = tmp_path / "rows.yaml"
    rows = {"overview_methods": ["No-PD-Training"], "interpolation": None, "matrices_method": None}
    config.write_text(yaml.safe_dump({"publication": rows}))
    run = plan("--configfile", ROOT / "config.yaml", config, folder=tmp_path)
    planned = jobs(run)
    assert planned["train_shape_generator"] == 2  # none of Lipschitz
    assert planned["interpolate_shapes"] == 1
    assert "synthetic/chair/No-PD-Training/seed0/interpolation" in run.stdout + run.stderr
    assert not planned.keys() & {"interpolation_figure", "matrices_figure"}


def test_an_overlay_removes_a_method_and_a_category(tmp_path):
    config = tmp_path / "less.yaml"
    config.write_text(
        "methods: {3DShape2VecSet: null}\ncategories: {chair: null, sofa: {count: 40}}\n"
    )
    run = plan("--configfile", ROOT / "config.yaml", config, folder=tmp_path)
    assert "train_set_diffusion" not in jobs(run)
    assert jobs(run)["train_jointly"] == 7
    assert "shapes/sofa/" in run.stdout + run.stderr
    assert "shapes/chair/" not in run.stdout + run.stderr


def test_a_run_of_one_family_shows_what_it_has(tmp_path):
    methods = yaml.safe_load((ROOT / "config.yaml").read_text())["methods"]
    removed = {name: None for name in methods if name != "3DShape2VecSet"}
    config = tmp_path / "sets.yaml"
    config.write_text(yaml.safe_dump({"methods": removed}))
    planned = jobs(plan("--configfile", ROOT / "config.yaml", config, folder=tmp_path))
    assert planned["train_set_diffusion"] == planned["tables"] == planned["samples_figure"] == 1
    assert not {"train_shape_generator", "training_figure", "latents_figure"} & set(planned)


@pytest.mark.parametrize(
    ("overlay", "messages"),
    [
        (
            "{shapes: {resolutoin: 64}, topology: {complex: simplicial}}",
            ["shapes.resolutoin: unknown key", "not 'simplicial'"],
        ),
        (
            "{only: bench, methods: {DeepSDF-VAD: null}}",
            ["no such category", "methods.Ours-DeepSDF.baseline: no such method"],
        ),
        ("categories: {chair: {count: 2}}", ["category chair: 2 shapes cannot be split"]),
        ("evaluation: {shapes_per_draw: 1000000}", ["of the 160 shapes of chair at most 158"]),
    ],
)
def test_a_wrong_configuration_is_explained_without_a_traceback(tmp_path, overlay, messages):
    config = tmp_path / "wrong.yaml"
    config.write_text(overlay)
    run = plan("--configfile", ROOT / "config.yaml", config, folder=tmp_path)
    assert run.returncode != 0
    for message in messages:
        assert message in run.stdout + run.stderr
    assert "Traceback" not in run.stdout + run.stderr


def test_chapters_without_generators_are_targets_of_their_own(tmp_path, default_jobs):
    planned = jobs(plan("layer_experiments", "theory", "scans", folder=tmp_path))
    assert planned["run_layer_experiment"] == 10 * 5
    assert planned["layer_experiments_figure"] == 10
    assert planned["run_theory"] == planned["theory_figure"] == 6
    assert planned["prepare_scan"] == planned["scans_figure"] == 2
    assert planned["fit_surface"] == planned["score_surface"] == 2 * 7
    assert planned["train_scan_space"] == planned["reproduce_plane"] == 1
    assert "prepare_shapes" not in planned
    assert not {"run_layer_experiment", "run_theory", "prepare_scan"} & set(default_jobs)


def test_scans_of_a_folder_wait_for_their_manifest(tmp_path):
    (tmp_path / "clouds").mkdir()
    (tmp_path / "clouds" / "a.xyz").write_text("0 0 0\n")
    planned = jobs(plan("scans", "--config", "scans={folder: clouds}", folder=tmp_path))
    assert planned["check_scans"] == 1
    run = plan("scans", "--config", "scans={folder: nowhere}", folder=tmp_path)
    assert "scans.folder: there is no folder 'nowhere'; mend its path" in run.stdout + run.stderr
    assert "Traceback (most recent" not in run.stdout + run.stderr


def test_point_clouds_are_a_target_of_their_own(tmp_path, default_jobs):
    planned = jobs(plan("point_clouds", folder=tmp_path))
    assert planned["train_gradient_field"] == 1  # one denoiser for all priors
    assert planned["train_code_prior"] == planned["score_clouds"] == 3
    assert planned["synthesise_from_clouds"] == 3
    assert "train_jointly" not in planned
    assert "train_gradient_field" not in default_jobs


def test_shapegf_is_a_row_of_the_tables_if_it_is_asked_for(tmp_path):
    added = tmp_path / "added.yaml"
    added.write_text("methods: {Mine: {family: gradient_fields, prior: diffusion}}\n")
    planned = jobs(plan("--configfile", ROOT / "config.yaml", added, folder=tmp_path))
    assert planned["train_gradient_field"] == planned["train_code_prior"] == 1
    assert planned["tables"] == 1


def clouds_of_chairs(folder, counts):
    """PointFlow's layout, of clouds on chairs; and a run of these."""
    number = 0
    for part, count in counts.items():
        (folder / "data" / "03001627" / part).mkdir(parents=True)
        for _ in range(count):
            made, number = make_shape("chair", 0, number), number + 1
            mesh = trimesh.Trimesh(made.vertices, made.faces, process=False)
            points = trimesh.sample.sample_surface(mesh, 15_000, seed=number)[0]
            np.save(folder / "data" / "03001627" / part / f"{number}.npy", points.astype("f4"))
    category = {"name": "chair", "source": "point_clouds", "path": "data", "synset": "03001627"}
    small = {"shapes": {"resolution": 32}, "point_clouds": {"priors": ["gaussian"]}}
    small["evaluation"] = {"draws": 1}
    overlay = folder / "clouds.yaml"
    overlay.write_text(
        yaml.safe_dump({"categories": [{**category, "normalisation": "category"}], **small})
    )
    presets = [ROOT / "presets" / f"{name}.yaml" for name in ("smoke", "shapenet15k")]
    return "--configfile", ROOT / "config.yaml", *presets, overlay


def test_clouds_without_meshes_have_the_chapter_and_rows_of_the_tables(tmp_path):
    files = clouds_of_chairs(tmp_path, {"train": 2, "test": 1})
    planned = jobs(plan("point_clouds", *files, folder=tmp_path))
    assert planned["prepare_clouds"] == planned["frame_clouds"] == 1
    assert planned["measure_sheets"] == planned["score_outer_sheets"] == 1
    assert "prepare_shapes" not in planned
    assert jobs(plan(*files, folder=tmp_path))["tables"] == 1


def test_methods_that_need_solids_are_refused_for_clouds(tmp_path):
    *_, overlay = clouds_of_chairs(tmp_path, {"train": 2, "test": 1})
    run = plan("point_clouds", "--configfile", ROOT / "config.yaml", overlay, folder=tmp_path)
    told = run.stdout + run.stderr
    assert run.returncode != 0
    assert told.count("source: point_clouds has no solids") == 1
    assert "leave these methods out (null): DeepSDF-VAD, " in told
    assert "3DShape2VecSet" in told
    assert "Traceback (most recent" not in told


@pytest.mark.slow
@pytest.mark.parametrize("target", ["point_clouds", "all"])
def test_a_run_of_clouds_without_meshes(tmp_path, target):
    files = clouds_of_chairs(tmp_path, {"train": 12, "val": 2, "test": 4})
    run = workflow(target, *files, folder=tmp_path)
    assert run.returncode == 0, run.stderr
    published = tmp_path / "results" / "shapenet15k" / "publication"
    name, row = {
        "point_clouds": ("point_clouds.md", "clouds without meshes"),
        "all": ("table1.md", "Gradient-Fields"),
    }[target]
    text = (published / name).read_text()
    assert row in text
    assert "nan" not in text


def test_scanned_shapes_are_split_as_meshes_first(tmp_path):
    given = tmp_path / "scanned.yaml"
    chair = {"name": "chair", "count": 24, "data": "scans"}
    given.write_text(yaml.safe_dump({"categories": [chair], "shapes": {"batch_size": 12}}))
    planned = jobs(plan("--configfile", ROOT / "config.yaml", given, folder=tmp_path))
    assert planned["prepare_true_shapes"] == planned["scan_shapes"] == 2
    assert planned["split_true_shapes"] == planned["split_shapes"] == 1
    assert "prepare_shapes" not in planned


def test_clouds_of_a_folder_are_no_meshes(tmp_path):
    (tmp_path / "clouds").mkdir()
    for number in range(4):
        (tmp_path / "clouds" / f"{number}.xyz").write_text("0 0 0\n")
    given = tmp_path / "clouds.yaml"
    clouds = {"name": "lamp", "source": "folder", "path": "clouds", "data": "clouds"}
    given.write_text(yaml.safe_dump({"categories": [clouds]}))
    planned = jobs(plan("--configfile", ROOT / "config.yaml", given, folder=tmp_path))
    assert planned["scan_shapes"] == planned["split_shapes"] == 1
    assert not set(planned) & {"prepare_shapes", "prepare_true_shapes", "split_true_shapes"}
    wrong = [{"name": "chair", "count": 12, "data": "clouds"}]
    given.write_text(yaml.safe_dump({"categories": wrong}))
    run = plan("--configfile", ROOT / "config.yaml", given, folder=tmp_path)
    assert "data 'clouds' is for source 'folder', not for 'procedural'" in run.stdout + run.stderr
