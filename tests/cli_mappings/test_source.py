"""``raabta mappings source``: what is made from a document's rules can be looked at."""

from typer.testing import CliRunner

from gateway.cli import program


def test_the_source_of_a_document_is_printed_and_is_python() -> None:
    result = CliRunner().invoke(program(), ["mappings", "source", "school_sis", "enrolment"])

    assert result.exit_code == 0
    assert "student_id" in result.stdout
    compile(result.stdout, "printed", "exec")


def test_a_document_that_is_not_known_is_refused_with_those_that_are() -> None:
    result = CliRunner().invoke(program(), ["mappings", "source", "school_sis", "enrollment"])

    assert result.exit_code == 2
    assert "enrolment" in result.stderr
