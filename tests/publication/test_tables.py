"""Tables: means, deviations, changes, the best, the published numbers, and the four formats."""

import dataclasses
import json
import re
import shutil
import subprocess

import pandas as pd
import pytest

from toposhape.evaluation.metrics import METRICS
from toposhape.evaluation.score_table import COLUMNS, FLOOR
from toposhape.publication.tables.cells import cell_table, collect_cells
from toposhape.publication.tables.formats import to_html, to_markdown
from toposhape.publication.tables.latex import to_latex
from toposhape.publication.tables.layout import Document, Entry, Group, Layout, Row, signed_percent
from toposhape.publication.tables.publish import publish_table
from toposhape.publication.tables.published import published, published_numbers
from toposhape.publication.tables.tables import HEADLINE, details_table, table1, table2
from toposhape.settings.methods import ImplicitMethod

METHODS = {
    "DeepSDF-VAD": ImplicitMethod(variant="V", published="DeepSDF-VAD"),
    "Ours": ImplicitMethod(variant="V", published="Ours-DeepSDF", baseline="DeepSDF-VAD"),
    "Mine & yours": ImplicitMethod(variant="V", baseline="DeepSDF-VAD"),
}


def scores(lines):
    full = [("chair", m, s, d, metric, v, 32) for m, s, d, metric, v in lines]
    table = pd.DataFrame(full, columns=COLUMNS)
    return table.astype({"training_seed": "Int64", "draw": "Int64"})


@pytest.fixture
def cells():
    lines = [
        ("DeepSDF-VAD", 0, 0, "pd_lap", 0.009),
        ("DeepSDF-VAD", 0, 1, "pd_lap", 0.011),
        ("Ours", 0, 0, "pd_lap", 0.004),
        ("Ours", 0, 1, "pd_lap", 0.006),
        ("Mine & yours", 0, 0, "pd_lap", 0.012),
        (FLOOR, None, 0, "pd_lap", 0.003),
        ("DeepSDF-VAD", 0, 0, "one_piece_share", 0.5),
        ("Ours", 0, 0, "one_piece_share", 0.75),
        ("DeepSDF-VAD", 0, 0, "spread", 0.01),
        ("Ours", 0, 0, "spread", 0.02),
    ]
    return collect_cells(scores(lines), METHODS)


def test_means_deviations_and_changes(cells):
    ours = cells["Ours", "chair", "pd_lap"]
    assert ours.mean == pytest.approx(0.005)
    assert ours.deviation == pytest.approx(0.002 / 2**0.5)
    assert ours.deviation_over == "draws"
    assert ours.change == pytest.approx(-0.5)
    assert ours.published_change == pytest.approx(0.86 / 1.86 - 1)
    base = cells["DeepSDF-VAD", "chair", "pd_lap"]
    assert (base.published, base.change, base.published_change) == (1.86, None, None)
    alone = cells["Mine & yours", "chair", "pd_lap"]
    assert (alone.published, alone.deviation) == (None, None)
    assert alone.change == pytest.approx(0.2)


def test_several_seeds_give_the_deviation_of_their_means():
    lines = [
        ("Ours", seed, draw, "pd_lap", v)
        for seed, values in ((0, (1.0, 3.0)), (1, (4.0, 6.0)))
        for draw, v in enumerate(values)
    ]
    cell = collect_cells(scores(lines), METHODS)["Ours", "chair", "pd_lap"]
    assert cell.mean == 3.5
    assert cell.deviation == pytest.approx(3 / 2**0.5)
    assert cell.deviation_over == "seeds"


def test_the_best_is_no_reference_and_follows_the_direction(cells):
    best = {key for key, cell in cells.items() if cell.best}
    assert best == {("Ours", "chair", "pd_lap"), ("Ours", "chair", "one_piece_share")}


def test_where_all_look_equal_none_is_best():
    lines = [("DeepSDF-VAD", 0, 0, "pd_lap", 0.00501), ("Ours", 0, 0, "pd_lap", 0.00499)]
    assert not any(cell.best for cell in collect_cells(scores(lines), METHODS).values())


def test_table1_has_a_row_for_every_method_and_the_floor(cells):
    (layout,) = table1(cells, METHODS, ["chair"]).tables
    assert [row.label for row in layout.rows] == [*METHODS, "floor (training shapes)"]
    assert [row.aside for row in layout.rows] == [False, False, False, True]
    assert layout.rows[1].entries[1] == Entry("0.50", "0.14", ("−50 %", "paper 0.86, −54 %"), True)
    assert layout.rows[1].entries[0] is None


def test_details_show_shares_without_misleading_percentages(cells):
    (layout,) = details_table(cells, METHODS, ["chair"]).tables
    share = next(row for row in layout.rows if row.label.startswith("one piece"))
    assert share.entries[1] == Entry("75.0", "", (), True)
    assert layout.groups[0].columns == (*METHODS, FLOOR)


def test_every_metric_has_a_definition():
    for name, metric in METRICS.items():
        assert metric.name == name
        assert metric.definition
        assert metric.direction in ("lower", "higher", "reference")


def test_published_numbers_are_what_the_paper_prints():
    table = published_numbers()
    assert len(table) == 7 * 6 + 5 * 6
    assert not table.duplicated(["source", "row", "category", "metric"]).any()
    assert set(table.metric) <= set(METRICS)
    assert published("Ours-DeepSDF-SE", "sofa", "pd_lap") == 0.94
    assert published("DeepSDF-VAD", "table", "pd_lap_h1") == 1.72
    assert published("No PD Training", "chair", "pd_lap_h0") is None
    assert published(None, "chair", "pd_lap") is None
    assert table[table.source == "table 1"].row.nunique() == 7


def test_published_tables_contradict_each_other_as_we_say():
    for category in ("chair", "table"):
        parts = [published("DeepSDF-VAD", category, f"pd_lap_h{k}") for k in range(3)]
        assert sum(parts) > published("DeepSDF-VAD", category, "pd_lap")


def test_a_change_is_written_with_its_sign():
    assert [signed_percent(x) for x in (0.123, -0.5, 0.001, None)] == ["+12 %", "−50 %", "±0 %", ""]


def test_a_row_of_the_wrong_width_is_refused():
    with pytest.raises(ValueError, match="1 entries for 2 columns"):
        Layout("", "", (Group("g", ("a", "b")),), (Row("r", (Entry("1"),)),))


DOCUMENT = Document(
    "demo",
    "A <title> & more",
    "100 % of x_i",
    (
        Layout(
            "",
            "method",
            (Group("chair", ("a|b", "c")), Group("sofa", ("d",))),
            (
                Row("A_1", (Entry("0.50", "0.10", ("−5 %",), True), None, Entry("2"))),
                Row("floor", (Entry("1"), Entry("2"), Entry("3")), aside=True),
            ),
        ),
    ),
    ("a note {with} braces",),
)


def test_markdown_has_one_cell_for_each_column():
    lines = [line for line in to_markdown(DOCUMENT).splitlines() if line.startswith("|")]
    assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) == 1
    assert "**0.50** ± 0.10 (−5 %)" in lines[2]


def test_html_is_well_formed_and_escapes():
    page = to_html(DOCUMENT)
    assert "A &lt;title&gt; &amp; more" in page and "<title>A <title>" not in page
    for tag in ("table", "tr", "td", "th", "div", "thead", "tbody", "b", "ul"):
        assert len(re.findall(rf"<{tag}[ >]", page)) == page.count(f"</{tag}>"), tag
    assert "http" not in page and "<script" not in page
    assert page.count("<table>") == 1 + 2  # the wide one, and one for each group


def test_latex_escapes_and_counts_columns():
    text = to_latex(DOCUMENT)
    assert r"\begin{tabular}{lrrr}" in text
    assert r"100 \% of x\_i" in text and r"\{with\}" in text and r"A\_1" in text
    assert r"\cmidrule(lr){2-3}\cmidrule(lr){4-4}" in text
    assert r"\textbf{0.50} {\scriptsize$\pm$ 0.10}" in text and r"\scriptsize $-$5 \%" in text
    assert text.count("{") - text.count(r"\{") == text.count("}") - text.count(r"\}")
    assert text.isascii()
    body = text.split(r"\midrule")[1]
    assert [line.count(" & ") for line in body.splitlines() if " & " in line] == [3, 3]
    assert body.splitlines()[1].startswith(r"A\_1 & ")  # beside the value, not the remark


def test_real_tables_are_ascii_latex(cells):
    upright, wide = table1(cells, METHODS, ["chair"]), table2(cells, METHODS, [*"abc"])
    assert to_latex(upright).isascii() and r"\begin{table}" in to_latex(upright)
    assert to_latex(wide).isascii() and r"\begin{sidewaystable}" in to_latex(wide)
    assert r"\textbf{Geometry and topology.}" in to_latex(upright)  # LaTeX says "Table 1" itself


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="there is no LaTeX")
def test_latex_compiles_and_fits_the_page(cells, tmp_path):
    categories = ["chair", "table", "sofa", "lamp", "shelf"]
    spread = {
        (method, category, metric): dataclasses.replace(cell, category=category)
        for (method, _, metric), cell in cells.items()
        for category in categories
    }
    for make in (table1, table2, details_table):
        (tmp_path / f"{make.__name__}.tex").write_text(to_latex(make(spread, METHODS, categories)))
    (tmp_path / "page.tex").write_text(
        r"\documentclass{article}\usepackage{booktabs,rotating}\begin{document}"
        r"\input{table1}\input{table2}\input{details_table}\end{document}"
    )
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "page.tex"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout
    assert "Overfull" not in run.stdout


def test_all_formats_are_written_with_sidecars(cells, tmp_path):
    source = tmp_path / "scores.csv"
    source.write_text("x")
    data = cell_table(cells, [*METHODS, FLOOR], HEADLINE)
    files = publish_table(
        table1(cells, METHODS, ["chair"]),
        data,
        tmp_path / "out",
        inputs=[source],
        config_digest="abc",
        training_seeds=[0],
        draws=2,
    )
    assert sorted(file.suffix for file in files) == [".csv", ".html", ".md", ".tex"]
    read = pd.read_csv(files[0])
    assert read["mean"].tolist() == pytest.approx([1.0, 0.5, 1.2, 0.3])
    for file in files:
        sidecar = json.loads(file.with_name(file.name + ".json").read_text())
        assert [cell["mean"] for cell in sidecar["cells"]] == pytest.approx([1.0, 0.5, 1.2, 0.3])
        assert sidecar["cells"][0]["change"] is None


def test_with_several_seeds_it_is_said_in_how_many_the_method_is_better():
    values = {"DeepSDF-VAD": (3.0, 2.0, 1.0), "Ours": (1.0, 1.0, 2.0)}
    lines = [
        (method, seed, 0, metric, v)
        for method, each in values.items()
        for seed, v in enumerate(each)
        for metric in ("pd_lap", "coverage", "spread")
    ]
    cells = collect_cells(scores(lines), METHODS)
    assert cells["Ours", "chair", "pd_lap"].better_seeds == (2, 3)
    assert cells["Ours", "chair", "coverage"].better_seeds == (1, 3)  # more is better
    assert cells["Ours", "chair", "spread"].better_seeds is None
    assert cells["DeepSDF-VAD", "chair", "pd_lap"].better_seeds is None
    text = to_markdown(table1(cells, METHODS, ["chair"]))
    assert "−33 %, 2/3 seeds" in text
    assert "k/n seeds" in text and "over training seeds of" in text


def test_where_both_are_equal_nobody_is_better_in_any_seed():
    lines = [(m, seed, 0, "empty_share", 0.0) for m in ("DeepSDF-VAD", "Ours") for seed in (0, 1)]
    assert (
        collect_cells(scores(lines), METHODS)["Ours", "chair", "empty_share"].better_seeds is None
    )


def test_it_is_said_where_some_methods_have_a_single_training():
    lines = [("Ours", seed, draw, "pd_lap", 1.0 + seed) for seed in (0, 1) for draw in (0, 1)]
    lines += [("DeepSDF-VAD", 0, draw, "pd_lap", 1.0 + draw) for draw in (0, 1)]
    text = to_markdown(table1(collect_cells(scores(lines), METHODS), METHODS, ["chair"]))
    assert "over training seeds or, of a single training, over draws of" in text


def test_table_2_has_the_parts_of_every_method_beside_the_papers():
    lines = [
        (method, 0, 0, f"pd_lap_h{k}", value)
        for method, values in (
            ("DeepSDF-VAD", (0.004, 0.01, 0.002)),
            ("Ours", (0.002, 0.01, 0.001)),
        )
        for k, value in enumerate(values)
    ]
    (layout,) = (
        document := table2(collect_cells(scores(lines), METHODS), METHODS, ["chair"])
    ).tables
    assert layout.groups == (Group("chair", ("H0 ↓", "H1 ↓", "H2 ↓")),)
    assert layout.rows[0].entries[0] == Entry("0.400", "", ("paper 0.59",))
    assert layout.rows[1].entries[0] == Entry("0.200", "", ("−50 %", "paper 0.14, −76 %"), True)
    assert not any(row.entries[1].best for row in layout.rows[:2])  # equally good
    assert document.name == "table2"
    assert to_latex(document).isascii()
