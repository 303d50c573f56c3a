"""The provider as the toolbox shows it."""

import pytest
from qgis.core import QgsApplication

from redline_review.processing.provider import ICON, RedlineProvider


@pytest.fixture
def provider():
    provider = RedlineProvider()
    QgsApplication.processingRegistry().addProvider(provider)
    yield provider
    QgsApplication.processingRegistry().removeProvider(provider)


def test_provider_names_that_scripts_rely_on(provider):
    assert provider.id() == "redline"
    assert QgsApplication.processingRegistry().algorithmById("redline:overlap") is not None


def test_icon_is_drawn(provider):
    assert ICON.exists()
    assert not provider.icon().pixmap(32, 32).isNull()


def test_every_algorithm_explains_itself_and_its_parameters(provider):
    for algorithm in provider.algorithms():
        assert algorithm.displayName() and algorithm.group() and algorithm.shortHelpString(), algorithm.id()
        without_help = [p.name() for p in algorithm.parameterDefinitions() if not p.help() and not p.isDestination()]
        assert not without_help, algorithm.id()
