"""What the cards tell the host."""

from local.modelhost.settings import served_models
from ops.paths import MODELS


def test_every_model_that_is_served_here_has_a_server_be_it_anothers() -> None:
    served = {one.model: one.server for one in served_models(MODELS, "sluice-test")}

    assert [model for model, server in served.items() if not server.is_file()] == []
    assert served["sketch-inpaint"] == served["sketch"]
