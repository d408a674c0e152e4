"""Names in tables stay what they are."""

import pytest

from toposhape.base.checksums import DamagedFileError
from toposhape.base.tables import read_table

NAMES = ["NA", "000", "007", "nan", "None", "null", "1e3", "+1", "true", " x"]


def test_names_are_read_letter_by_letter(tmp_path):
    lines = [f"{name},{number}\n" for number, name in enumerate(NAMES)]
    (tmp_path / "a.csv").write_text("shape,b0\n" + "".join(lines))
    table = read_table(tmp_path / "a.csv")
    assert table["shape"].tolist() == NAMES
    assert table["b0"].tolist() == list(range(len(NAMES)))


def test_an_empty_place_has_no_value(tmp_path):
    (tmp_path / "a.csv").write_text("shape,reason,row\nNA,,3\nb,NA,\n")
    table = read_table(tmp_path / "a.csv", texts=("shape", "reason"), types={"row": "Int64"})
    assert table["reason"].isna().tolist() == [True, False]
    assert table["reason"][1] == "NA"
    assert table["row"][0] == 3 and table["row"].isna()[1]


def test_what_is_no_such_table_is_called_damaged(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("shape,b0\na,1\n")
    with pytest.raises(DamagedFileError, match="no column b1"):
        read_table(path, needed=("shape", "b1"))
    path.write_bytes(b"shape,b0\n\xff\xfe,1\n")
    with pytest.raises(DamagedFileError, match="delete it"):
        read_table(path)
    path.write_text("")
    with pytest.raises(DamagedFileError):
        read_table(path)
    with pytest.raises(FileNotFoundError):
        read_table(tmp_path / "b.csv")
