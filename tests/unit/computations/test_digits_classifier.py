"""Digits classifier: what it learns, what it reports and how it tells its progress."""

import json

import pytest

from batchwell.errors import InvalidParameters
from batchwell.progress import reporting_to
from computations.digits_classifier import FOLDS, Report, digits_classifier


@pytest.fixture(scope="module")
def training() -> tuple[Report, list[tuple[float, str]]]:
    """Train once, with the default parameters."""
    reports: list[tuple[float, str]] = []
    with reporting_to(lambda fraction, message: reports.append((fraction, message))):
        report = digits_classifier()
    return report, reports


@pytest.fixture(scope="module")
def report(training: tuple[Report, list[tuple[float, str]]]) -> Report:
    return training[0]


def test_classifier_reads_most_unseen_digits(report: Report) -> None:
    assert 0.98 < report.accuracy <= 1
    assert len(report.fold_accuracies) == FOLDS
    assert all(0.95 < accuracy <= 1 for accuracy in report.fold_accuracies)


def test_confusion_matrix_counts_every_test_image_once(report: Report) -> None:
    assert [len(row) for row in report.confusion] == [10] * 10
    assert all(count >= 0 for row in report.confusion for count in row)
    assert sum(map(sum, report.confusion)) == 450


def test_accuracies_are_those_of_the_confusion_matrix(report: Report) -> None:
    right = [report.confusion[digit][digit] for digit in range(10)]
    of_each = [right[digit] / sum(report.confusion[digit]) for digit in range(10)]
    assert report.accuracy_per_digit == pytest.approx(of_each)
    assert report.accuracy == pytest.approx(sum(right) / 450)


def test_report_survives_json(report: Report) -> None:
    plain = report.model_dump()
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain


def test_progress_grows_with_every_fold_and_the_last_training(
    training: tuple[Report, list[tuple[float, str]]],
) -> None:
    fractions = [fraction for fraction, _ in training[1]]
    messages = [message for _, message in training[1]]
    assert fractions == pytest.approx([0, 1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6])
    assert messages[0] == "cross-validation, fold 1 of 5"
    assert messages[-1] == "training on all 1347 images"


def test_same_parameters_give_the_same_report(report: Report) -> None:
    assert digits_classifier(c=10.0, gamma=0.001) == report


def test_parameters_decide_how_well_it_learns(report: Report) -> None:
    assert digits_classifier(gamma=0.000001).accuracy < report.accuracy - 0.05


@pytest.mark.parametrize(
    "params",
    [{"c": 0}, {"c": 1001}, {"gamma": 0}, {"gamma": 1.5}, {"c": "much"}, {"gamma": float("nan")}],
)
def test_classifier_refuses_parameters_out_of_bounds(params: dict[str, object]) -> None:
    with pytest.raises(InvalidParameters, match=next(iter(params))):
        digits_classifier.parse(params)
