"""Which tokens open identity's own gRPC door."""

import base64
import json
from typing import Any

import grpc
import pytest
from identity.testing import Office, as_whom, claims_in
from joserfc import jwt
from joserfc.jwk import ECKey
from kit.rpc.client import Failure
from spilno.identity.v1 import members_pb2


async def refused(office: Office, token: str) -> grpc.StatusCode:
    with as_whom(token), pytest.raises(Failure) as failure:
        await office.identity.members.GetOwnMembership(members_pb2.GetOwnMembershipRequest(parent=office.name))
    return failure.value.code


def unsigned(claims: dict[str, Any]) -> str:
    parts = ({"alg": "none", "typ": "at+jwt"}, claims)
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts) + "."


async def test_an_id_token_opens_no_door(office: Office) -> None:
    tokens = await office.identity.tokens(office.head, office.slug)
    assert await refused(office, tokens["id_token"]) is grpc.StatusCode.UNAUTHENTICATED


async def test_a_refresh_token_opens_no_door(office: Office) -> None:
    tokens = await office.identity.tokens(office.head, office.slug)
    assert await refused(office, tokens["refresh_token"]) is grpc.StatusCode.UNAUTHENTICATED


async def test_an_unsigned_token_opens_no_door(office: Office) -> None:
    assert await refused(office, unsigned(claims_in(await office.as_head()))) is grpc.StatusCode.UNAUTHENTICATED


async def test_a_token_signed_by_somebody_else_opens_no_door(office: Office) -> None:
    token = await office.as_head()
    header = {"alg": "ES256", "typ": "at+jwt"}
    forged = jwt.encode(header, claims_in(token), ECKey.generate_key("P-256", private=True))
    assert await refused(office, forged) is grpc.StatusCode.UNAUTHENTICATED


async def test_an_operators_token_opens_no_office(office: Office) -> None:
    assert await refused(office, await office.identity.operator()) is grpc.StatusCode.PERMISSION_DENIED
