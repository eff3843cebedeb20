"""Tables in whatever way a spreadsheet saved them; what people typed is shown by one and never computed."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from carelink.errors import KnownError
from carelink.interop.tables import MAX_BYTES, cell, read_table, write_table

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
HEADINGS = ("Nom de naissance", "Prénom")
JEANNE = ("Moreau", "Jeanne")


def cells(data: bytes) -> list[tuple[str, ...]]:
    return [line.cells for line in read_table(data).lines]


class TestReading:
    @pytest.mark.parametrize("delimiter", [";", ",", "\t"])
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
    @pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
    def test_every_way_to_save_a_list_reads_the_same(self, delimiter: str, encoding: str, end: str) -> None:
        text = end.join((delimiter.join(HEADINGS), delimiter.join(("Lefèvre", "Élodie")), ""))
        table = read_table(text.encode(encoding))
        assert table.headings == HEADINGS
        assert [line.cells for line in table.lines] == [("Lefèvre", "Élodie")]

    def test_quotes_hold_delimiters_and_line_ends_and_lines_keep_their_numbers(self) -> None:
        data = b'sep=;\r\nNom;Lieu\r\n"Moreau; dite ""Jeanne""";"Aurillac\r\n(Cantal)"\r\nRoux;Vic\r\n'
        table = read_table(data)
        assert [(line.number, line.cells) for line in table.lines] == [
            (3, ('Moreau; dite "Jeanne"', "Aurillac (Cantal)")),
            (5, ("Roux", "Vic")),
        ]

    def test_empty_lines_and_columns_left_by_a_spreadsheet_are_nothing(self) -> None:
        data = "Nom;Prénom;;;\r\n;;;;\r\n Moreau ;\u00a0Jeanne;;;\r\n\r\n;;;;\r\n".encode()
        table = read_table(data)
        assert table.headings == ("Nom", "Prénom")
        assert [(line.number, line.cells, line.too_many) for line in table.lines] == [(3, JEANNE, False)]

    def test_a_line_with_more_cells_than_headings_is_said_so(self) -> None:
        (line,) = read_table(b"Nom;Prenom\nMoreau;Jeanne;12/04/1938\n").lines
        assert line.too_many

    def test_a_line_with_fewer_cells_has_empty_ones(self) -> None:
        assert cells(b"Nom;Prenom\nMoreau\n") == [("Moreau", "")]

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"\r\n \r\n;;;\r\n",
            bytes(range(256)),
            b"\x89PNG\r\n\x1a\n",
            b"PK\x03\x04 a workbook",
            b"\xff\xfe\x00",
            b'Nom;Prenom\n"Moreau;Jeanne\n',
            b'Nom;Prenom\n"Moreau"x;Jeanne\n',
            b"Nom;Prenom\n" + b"x" * 200_000,
            b"Nom\n" + b"Moreau\n" * 3_000,
            b"Nom\n" + b"x" * MAX_BYTES,
            b";".join([b"Nom"] * 5_000),
        ],
    )
    def test_what_is_no_list_gets_one_sentence(self, data: bytes) -> None:
        with pytest.raises(KnownError) as refused:
            read_table(data)
        assert "\n" not in str(refused.value)

    @given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
    @example(b"sep=\x80\na")
    @example(b'sep="\na')
    @example("sep=é\na".encode())
    def test_no_file_whatever_breaks_the_reading(self, data: bytes) -> None:
        try:
            table = read_table(data)
        except KnownError:
            return
        for line in table.lines:
            assert len(line.cells) == len(table.headings)
            assert any(line.cells) or line.too_many

    @given(
        st.lists(
            st.lists(
                st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12), min_size=2, max_size=2
            ),
            max_size=6,
        )
    )
    @example([["=1+1", "'=1+1"], ["- 3", "' -"]])
    @example([["'Moreau'", "''"]])
    def test_what_is_written_reads_as_it_was(self, rows: list[list[str]]) -> None:
        meant = [tuple(unicodedata.normalize("NFC", " ".join(text.split())) for text in row) for row in rows]
        assert cells(write_table([HEADINGS, *rows])) == [row for row in meant if any(row)]


class TestWriting:
    @pytest.mark.parametrize("text", ["=1+1", "+33 6", "-1", "@SUM(A1)", "  =1", "\t=1", "\n=1", "\uff1d1"])
    def test_a_formula_is_quoted(self, text: str) -> None:
        assert cell(text).startswith("'")

    @pytest.mark.parametrize("text", ["", "Mme Petit", "Jean-Paul", "l’infirmière", "1 = 1"])
    def test_what_is_none_stays(self, text: str) -> None:
        assert cell(text) == text

    def test_a_line_end_does_not_begin_a_row(self) -> None:
        assert cell("Paul\r\n=1;2") == "Paul  =1;2"
