"""Files of people: who they name, and which of their lines are wrong."""

from collections.abc import Collection

import pytest

from notifications.audiences.people_file import PeopleFile, PeopleReport, Wrong
from tests.support.people import make_user

pytestmark = pytest.mark.django_db


def read(content: str | bytes, *, max_problems: int = 100) -> tuple[list[int], PeopleReport]:
    """The whole file, a chunk at a time, each by a reader of its own as after an interruption."""
    found: list[int] = []
    report = PeopleReport()
    raw = content.encode() if isinstance(content, str) else content

    def known(ids: Collection[int]) -> set[int]:
        return set(ids) & set(found)

    while (new := PeopleFile(raw).read_some(report, known, max_problems=max_problems)) is not None:
        found += new
    assert report.people == len(found)
    return found, report


def problems(content: str | bytes) -> list[tuple[int, str]]:
    return [(problem.line, problem.wrong) for problem in read(content)[1].problems]


def test_names_and_addresses_in_any_case_name_people():
    ada, ben = make_user("Ada"), make_user("ben", email="Ben@Example.org")
    people, report = read("ada\nben@example.ORG\n")
    assert (people, report.lines, report.wrong_lines) == ([ada.pk, ben.pk], 2, 0)


@pytest.mark.parametrize(
    "content",
    [
        "\ufeffada\r\nben\r\n",
        "username;city\nada;London\nben;Berlin\n",
        '"ada","Lovelace, Countess"\n"ben",""',
        "E-Mail\n\n  ada  \n\t\nben",
        "ada\tx\nben\ty",
        "ada\rben",
    ],
)
def test_a_spreadsheet_of_any_make_is_understood(content):
    people = [make_user("ada").pk, make_user("ben").pk]
    assert (read(content)[0], problems(content)) == (people, [])


def test_each_wrong_line_is_told_by_its_number():
    make_user("ada", email="ada@example.org")
    make_user("gone", is_active=False)
    make_user("one", email="shared@example.org")
    make_user("two", email="shared@example.org")
    content = b"\n".join(
        [
            b"name",
            b"ada",
            b"nobody",
            b"",
            b"ada@example.org",
            b"gone",
            b"shared@example.org",
            b"x" * 300,
            b"\xff\xfe\xfa",
            b'"open',
            b"a\x00b",
            "a\u202eb".encode(),
        ]
    )
    assert problems(content) == [
        (3, Wrong.UNKNOWN),
        (5, Wrong.DUPLICATE),
        (6, Wrong.INACTIVE),
        (7, Wrong.AMBIGUOUS),
        (8, Wrong.TOO_LONG),
        (9, Wrong.NOT_UTF8),
        (10, Wrong.QUOTES),
        (11, Wrong.UNKNOWN),
        (12, Wrong.UNKNOWN),
    ]
    people, report = read(content)
    assert (len(people), report.lines, report.wrong_lines) == (1, 10, 9)


def test_a_file_of_another_encoding_is_told_as_one_problem():
    assert problems("ada\nben".encode("utf-16")) == [(1, Wrong.NOT_UTF8)]


def test_of_many_wrong_lines_the_first_are_told_and_all_are_counted():
    _, report = read(b"nobody\n" * 1200, max_problems=5)
    assert ([problem.line for problem in report.problems], report.wrong_lines) == ([1, 2, 3, 4, 5], 1200)


def test_somebody_named_again_hundreds_of_lines_later_is_told():
    ada = make_user("ada")
    people, report = read("ada\n" + "nobody\n" * 700 + "ADA\n", max_problems=1000)
    assert people == [ada.pk]
    assert (report.problems[-1].line, report.problems[-1].wrong) == (702, Wrong.DUPLICATE)


def test_an_active_account_goes_before_a_deactivated_one_with_its_address():
    make_user("old", email="ada@example.org", is_active=False)
    ada = make_user("ada", email="ada@example.org")
    assert read("ada@example.org")[0] == [ada.pk]


def test_a_file_costs_two_queries_for_each_500_lines(django_assert_num_queries):
    content = "\n".join(f"nobody{number}@example.org" for number in range(1000))
    with django_assert_num_queries(4):
        read(content)


@pytest.mark.parametrize("content", ["", "\n\n", "username\n", b"\xef\xbb\xbf", b"\x00"])
def test_a_file_of_nothing_names_nobody(content):
    assert read(content)[0] == []
