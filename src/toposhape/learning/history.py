"""What training was like: a CSV file with a row for each epoch, and TensorBoard events."""

import csv
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from torch.utils.tensorboard import SummaryWriter

from toposhape.base.files import write_atomically, writing


class History:
    """Appends rows; after a resume, rows of epochs that will be done again are dropped."""

    def __init__(self, folder: str | Path, columns: Sequence[str], epoch: int) -> None:
        """Open `history.csv` and `tensorboard/` in the folder.

        Args:
            folder: made if needed.
            columns: of the CSV; the first is `epoch`.
            epoch: epochs done.
        """
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "history.csv"
        self._columns = list(columns)
        self._keep(epoch)
        self._file = self.path.open("a", newline="", encoding="utf-8")
        self._writer = csv.DictWriter(self._file, self._columns)
        purge = epoch + 1 if epoch else None
        with writing(folder / "tensorboard"):
            self._events = SummaryWriter(str(folder / "tensorboard"), purge_step=purge)

    def append(self, row: Mapping[str, float | int | str]) -> None:
        """Write an epoch's row; floats are written so that reading gives the same value.

        Raises:
            OSError: of a full disk, with the name of the table or of the events' folder.
        """
        with writing(self.path):
            self._writer.writerow(row)
            self._file.flush()
        numbers = {k: v for k, v in row.items() if k != "epoch" and not isinstance(v, str)}
        with writing(self._events.log_dir):
            for name, value in numbers.items():
                self._events.add_scalar(name, value, row["epoch"])

    def sync(self) -> None:
        """Make sure that the rows are on the disk, before a checkpoint relies on them."""
        with writing(self.path):
            self._file.flush()
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close both files."""
        with writing(self.path):
            self._file.close()
        with writing(self._events.log_dir):
            self._events.close()

    def _keep(self, epoch: int) -> None:
        lines = self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else []
        kept = [line for line in lines[1:] if line.split(",")[0].isdigit()]
        kept = [line for line in kept if int(line.split(",")[0]) <= epoch]
        content = "\n".join([",".join(self._columns), *kept]) + "\n"
        write_atomically(self.path, content.encode())
