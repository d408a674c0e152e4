"""What a job pays before and after its work: processor time of its imports and of its end.

python benchmarks/start_up.py      half a minute; the least of five
"""

import os
import resource
import subprocess
import sys

REPETITIONS = 5
OPTIMISER = "import torch\nfrom {module} import Adam\nAdam([torch.zeros(2, requires_grad=True)])"
JOB = "import toposhape.jobs.synthesis"
LITTLE = "from toposhape.base.garbage import collect_little\ncollect_little()\n"
PROGRAMS = {
    "torch and its Adam": OPTIMISER.format(module="torch.optim"),
    "torch and ours": OPTIMISER.format(module="toposhape.learning.optimisers"),
    "imports of synthesis, garbage looked for as Python does": f"import torch\n{JOB}",
    "the same, seldom and not at the end": f"{LITTLE}import torch\n{JOB}",
}


def seconds(program: str) -> float:
    """Processor time of a Python that runs it [s]."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    subprocess.run([sys.executable, "-c", program], check=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measure each program in turn, again and again."""
    found: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for _ in range(REPETITIONS):
        for name, program in PROGRAMS.items():
            found[name].append(seconds(program))
    for name, times in found.items():
        print(f"{name:60s}{min(times):6.2f} s")


if __name__ == "__main__":
    main()
