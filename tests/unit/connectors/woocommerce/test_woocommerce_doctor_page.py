from __future__ import annotations

import re
from pathlib import Path

import pytest

from connectors.stores.woocommerce.diagnosis import SENTENCES, Fault, fault_of, problem
from doorstep.errors import AccountProblem, RemoteRefused, RemoteUnavailable

PAGE = Path(__file__).parents[4] / "docs" / "doctor.md"


def woocommerce_rows() -> str:
    return PAGE.read_text().partition("## WooCommerce stores")[2].partition("\n## ")[0]


@pytest.mark.parametrize("fault", Fault)
def test_every_fault_has_a_row_with_its_own_sentence_and_a_way_out(fault: Fault) -> None:
    rows = re.findall(rf"^\| `{fault.value}` \| (.+?) \| (.+?) \|$", woocommerce_rows(), re.MULTILINE)
    assert len(rows) == 1


def test_no_row_tells_of_a_fault_that_nobody_finds() -> None:
    assert set(re.findall(r"^\| `(\w+)` \|", woocommerce_rows(), re.MULTILINE)) == set(Fault)


@pytest.mark.parametrize("fault", Fault)
def test_every_fault_has_a_sentence_that_ends(fault: Fault) -> None:
    assert SENTENCES[fault].endswith(".")
    assert len(SENTENCES[fault]) > 40


@pytest.mark.parametrize("fault", Fault)
def test_every_error_carries_its_fault_home(fault: Fault) -> None:
    error = problem(fault, "a detail")
    assert fault_of(error) is fault
    assert "a detail" in error.message


def test_what_a_person_must_mend_is_not_tried_again() -> None:
    assert isinstance(problem(Fault.KEY_REJECTED), AccountProblem)
    assert isinstance(problem(Fault.QUESTION_REFUSED), RemoteRefused)
    assert not problem(Fault.KEY_REJECTED).retryable


def test_a_store_that_is_unwell_is_tried_again() -> None:
    assert isinstance(problem(Fault.HTML_INSTEAD_OF_JSON), RemoteUnavailable)
    assert problem(Fault.STORE_UNWELL).retryable
