"""How a client id tells where it belongs."""

import pytest
from identity.integrators.rules import ClientId, parse_client_id


def test_a_client_id_names_hromada_and_integrator() -> None:
    assert parse_client_id("int.kamianets-podilskyi.lighting") == ClientId("kamianets-podilskyi", "lighting")


def test_a_client_id_is_written_as_it_is_read() -> None:
    assert str(ClientId("tatarbunary", "lighting")) == "int.tatarbunary.lighting"


@pytest.mark.parametrize(
    "text", ["", "svc.web", "int.tatarbunary", "int.a.b.c", "int.Tatarbunary.x", "int.tatarbunary.\0", "int..lighting"]
)
def test_anything_else_is_no_client_id(text: str) -> None:
    assert parse_client_id(text) is None
