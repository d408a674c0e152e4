"""The layout of results/, in one place: docs/formats.md says what each file holds."""

from pathlib import Path


class Paths:
    """Where everything of a run lies.

    Names in braces are for `str.format`, and wildcards of Snakemake's rules:
    `Paths("furniture").trained.format(category="chair", method="DeepSDF-VAD", seed=0)`.

    Attributes:
        results: everything of the run.
        configuration: all settings of the run as it was last started, defaults too.
        shapes: of a {category}: manifest, diagrams, split.
        requested: what a {category} asked for, and in which batch.
        batch: arrays of a {batch} of a {category}.
        true_shapes: of a {category} whose shapes are scanned: its meshes, as they are.
        pretrained: generators of a {variant}, {category} and {seed}.
        gradient_field: first stage of ShapeGF of a {category} and {seed}, without suffix.
        trained: the same of a {method} after joint training.
        checkpoints: of trainings, by stage.
        synthetic: shapes of a {method}, {category} and {seed}.
        posterior: those at posterior codes.
        walk: those on the way from one code to another.
        scores: tables of a {category}.
        generator_scores: of a {method} and {seed}.
        reference_scores: of what is no generator.
        interpolations: rows of figure 2, of a {category}.
        matrices: of figure 3, of a {category}.
        pictures: of meshes, in folders as these have below `results`.
        publication: tables, figures, gallery.
        layer_experiment: numbers and pictures of an {experiment} and {seed}.
        theory: numbers and pictures of a {part} of the theory.
        scans: of the chapter of that name: the manifest, and a folder for each {scan}.
        scan_space: of the same chapter: one network for many scans.
        scan_plane: of the same chapter: plane reproduction.
        logs: of jobs, by rule.
        times: and memory of jobs, by rule.
    """

    def __init__(self, run: str, folder: str | Path = "results") -> None:
        """Of the run with that name."""
        self.results = f"{folder}/{run}"
        self.configuration = f"{self.results}/config.yaml"
        self.shapes = f"{self.results}/shapes/{{category}}"
        self.requested = f"{self.shapes}/requested.csv"
        self.batch = f"{self.shapes}/batches/{{batch}}"
        self.true_shapes = f"{self.shapes}/true"
        self.pretrained = f"{self.results}/generators/{{category}}/{{variant}}/seed{{seed}}"
        self.gradient_field = f"{self.results}/gradient_fields/{{category}}/seed{{seed}}/field"
        self.trained = f"{self.results}/trained/{{category}}/{{method}}/seed{{seed}}"
        self.checkpoints = f"{self.results}/checkpoints"
        self.synthetic = f"{self.results}/synthetic/{{category}}/{{method}}/seed{{seed}}"
        self.posterior = f"{self.synthetic}/posterior"
        self.walk = f"{self.synthetic}/interpolation"
        self.scores = f"{self.results}/scores/{{category}}"
        self.generator_scores = f"{self.scores}/{{method}}_seed{{seed}}.csv"
        self.reference_scores = f"{self.scores}/references.csv"
        self.interpolations = tuple(
            f"{self.results}/interpolations/{{category}}/{row}"
            for row in ("lipschitz", "topological")
        )
        self.matrices = f"{self.results}/matrices/{{category}}.npz"
        self.pictures = f"{self.results}/pictures"
        self.publication = f"{self.results}/publication"
        self.layer_experiment = f"{self.results}/layer_experiments/{{experiment}}_seed{{seed}}"
        self.theory = f"{self.results}/theory/{{part}}"
        self.scans = f"{self.results}/scans"
        self.scan_space = f"{self.results}/scan_space"
        self.scan_plane = f"{self.results}/scan_plane"
        self.logs = f"{self.results}/logs"
        self.times = f"{self.results}/times"

    def pictures_of(self, folder: str) -> str:
        """Where the pictures of a folder of meshes are."""
        return f"{self.pictures}/{Path(folder).relative_to(self.results)}"
