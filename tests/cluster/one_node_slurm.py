"""A Slurm cluster of one node on this machine, with GPUs that exist in name only: for tests.

    python tests/cluster/one_node_slurm.py install   Debian's packages, if they are missing
    python tests/cluster/one_node_slurm.py up        start it (as root); `down` stops it
    python tests/cluster/one_node_slurm.py status    nodes and jobs

Everything listens on the loopback address and lies in one folder, which `down` removes.
"""

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

FOLDER = Path(tempfile.gettempdir()) / "toposhape_slurm"
PACKAGES = ("slurmctld", "slurmd", "slurm-client", "munge")
PROGRAMS = ("slurmctld", "slurmd", "sbatch", "munged")
SETTINGS = Path("/etc/slurm")  # job steps drop SLURM_CONF: the files must be where Slurm looks
FILES = ("slurm.conf", "gres.conf", "cgroup.conf")
FAKE_DEVICES = ("/dev/null", "/dev/zero", "/dev/full")  # any device files: nobody opens them
CONTROLLER_PORT = 16917
SECONDS = 20  # that a daemon has to start or to end

SLURM = """\
ClusterName=toposhape
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmdPort={node_port}
SlurmUser=root
AuthType=auth/munge
# A requeued job waits as long as a credential lasts.
AuthInfo=cred_expire=10
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ReturnToService=2
# There may be no control groups here.
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
# SIGTERM, so many seconds, SIGKILL.
KillWait=3
# Without accounting, squeue must remember for a while how a job ended.
MinJobAge=300
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=2,bf_interval=5
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
GresTypes=gpu
SlurmdParameters=config_overrides
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory={memory} Gres=gpu:{gpus} State=UNKNOWN
PartitionName=cpu Nodes={host} Default=YES MaxTime=INFINITE State=UP
PartitionName=gpu Nodes={host} MaxTime=INFINITE State=UP
"""


class ClusterError(RuntimeError):
    """The cluster cannot be had here; the message says why."""


def missing() -> str | None:
    """Why no cluster can be started here; None if one can."""
    lacking = [name for name in PROGRAMS if shutil.which(name, path=_path()) is None]
    if lacking:
        return f"{', '.join(lacking)} not found (Debian: apt-get install {' '.join(PACKAGES)})"
    if os.geteuid() != 0:
        return "only root can start Slurm's daemons"
    foreign = [f"{SETTINGS / name}" for name in FILES if _is_foreign(SETTINGS / name)]
    return f"this machine belongs to a cluster already: {foreign[0]}" if foreign else None


def install() -> None:
    """Install Debian's packages unless everything is there.

    Raises:
        ClusterError: if no cluster can be started here all the same.
    """
    lacking = [name for name in PROGRAMS if shutil.which(name, path=_path()) is None]
    if lacking and os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for words in (["update"], ["install", "--no-install-recommends", *PACKAGES]):
            command = ["apt-get", "-qq", "-y", *words]
            run = subprocess.run(command, env=environment, capture_output=True, text=True)
            if run.returncode != 0:
                raise ClusterError(f"apt-get {words[0]} failed: {run.stderr.strip()[-300:]}")
    if problem := missing():
        raise ClusterError(problem)


def up(cpus: int = 8, memory: int = 16000, gpus: int = 2) -> None:
    """Start the cluster.

    Args:
        cpus: that the node offers; they need not exist.
        memory: that the node offers [MB]; likewise.
        gpus: likewise.

    Raises:
        ClusterError: if it cannot be started here.
    """
    if problem := missing():
        raise ClusterError(problem)
    _configure(cpus, memory, gpus)
    _start_munge()
    for daemon, *options in (["slurmctld", "-c"], ["slurmd"]):
        if not _process(FOLDER / f"{daemon}.pid"):
            subprocess.run([daemon, *options], check=True, env={**os.environ, "PATH": _path()})
    if not _in_time(lambda: _output("sinfo", "-h", "-o", "%t") == "idle"):
        logs = "\n".join(path.read_text()[-2000:] for path in sorted(FOLDER.glob("*.log")))
        down()
        raise ClusterError(f"the node did not come up:\n{logs}")


def down() -> None:
    """End all jobs and daemons and remove the cluster's files."""
    if _process(FOLDER / "slurmctld.pid"):
        _output("scancel", "--full", "--user", "root")
        _in_time(lambda: not _output("squeue", "-h"))
    for daemon in ("slurmd", "slurmctld", "munged"):
        _end(FOLDER / f"{daemon}.pid")
    for name in FILES:
        if (SETTINGS / name).is_symlink() and not _is_foreign(SETTINGS / name):
            (SETTINGS / name).unlink()
    shutil.rmtree(FOLDER, ignore_errors=True)


def status() -> None:
    """Print nodes and jobs."""
    if _process(FOLDER / "slurmctld.pid") is None:
        raise ClusterError("it is not up")
    for command in (["sinfo", "-N", "-o", "%N %P %t %c %m %G"], ["squeue"]):
        subprocess.run(command, check=True)


def _configure(cpus: int, memory: int, gpus: int) -> None:
    for folder in (FOLDER, FOLDER / "state", FOLDER / "spool", SETTINGS):
        folder.mkdir(parents=True, exist_ok=True)
    host = socket.gethostname().split(".")[0]
    ports = {"controller_port": CONTROLLER_PORT, "node_port": CONTROLLER_PORT + 1}
    node = {"host": host, "cpus": cpus, "memory": memory, "gpus": gpus}
    devices = "".join(f"NodeName={host} Name=gpu File={device}\n" for device in FAKE_DEVICES[:gpus])
    contents = (SLURM.format(folder=FOLDER, **ports, **node), devices, "CgroupAutomount=no\n")
    for name, content in zip(FILES, contents, strict=True):
        (FOLDER / name).write_text(content)
        (SETTINGS / name).unlink(missing_ok=True)
        (SETTINGS / name).symlink_to(FOLDER / name)


def _start_munge() -> None:
    """Start the service by which Slurm's programs know each other, unless it runs."""
    if subprocess.run(["munge", "-n"], capture_output=True).returncode == 0:
        return
    for folder, mode in (
        ("/run/munge", 0o755),
        ("/var/lib/munge", 0o711),
        ("/var/log/munge", 0o700),
    ):
        Path(folder).mkdir(exist_ok=True)
        Path(folder).chmod(mode)
        shutil.chown(folder, "munge", "munge")
    if not Path("/etc/munge/munge.key").exists():
        subprocess.run(["runuser", "-u", "munge", "--", "mungekey"], check=True)
    subprocess.run(["runuser", "-u", "munge", "--", "munged"], check=True)
    shutil.copy("/run/munge/munged.pid", FOLDER / "munged.pid")  # ours, so `down` ends it


def _end(file: Path) -> None:
    """End the daemon whose process number stands in a file."""
    process = _process(file)
    if process is None:
        return
    os.kill(process, signal.SIGTERM)
    if not _in_time(lambda: _process(file) is None):
        os.kill(process, signal.SIGKILL)


def _process(file: Path) -> int | None:
    """The living process whose number stands in a file."""
    try:
        process = int(file.read_text())
        os.kill(process, 0)
    except (OSError, ValueError):
        return None
    return process


def _is_foreign(file: Path) -> bool:
    """Whether a file of settings is there that is not this script's."""
    ours = file.is_symlink() and file.readlink().parent == FOLDER
    return not ours and (file.exists() or file.is_symlink())


def _in_time(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + SECONDS
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def _output(*command: str) -> str:
    """What a command of Slurm's prints; nothing if it fails."""
    return subprocess.run(command, capture_output=True, text=True).stdout.strip()


def _path() -> str:
    return f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("install", "up", "down", "status"))
    what = parser.parse_args().what
    try:
        {"install": install, "up": up, "down": down, "status": status}[what]()
    except ClusterError as error:
        sys.exit(f"No cluster: {error}")


if __name__ == "__main__":
    _main()
