import re

import grpc
import httpx
from spilno.identity.v1 import hromadas_pb2
from web.testing import House, failure

SUSPEND = "/operator/hromadas/tatarbunary/suspend"


async def hidden(browser: httpx.AsyncClient, path: str) -> dict[str, str]:
    page = await browser.get(path)
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))


async def test_the_operator_suspends_with_a_reason_and_resumes(operator: httpx.AsyncClient, house: House) -> None:
    assert "UA51040250000099866" in (await operator.get("/operator")).text
    refused = await operator.post(SUSPEND, data=await hidden(operator, SUSPEND))
    assert refused.status_code == 422
    await operator.post(SUSPEND, data={**await hidden(operator, SUSPEND), "reason": "Перевірка на прохання ради"})
    assert house.suspended == {"hromadas/tatarbunary"}
    resume = "/operator/hromadas/tatarbunary/resume"
    await operator.post(resume, data=await hidden(operator, "/operator"))
    assert not house.suspended


async def test_who_is_no_operator_sees_nothing(operator: httpx.AsyncClient, house: House) -> None:
    house.failing = failure(grpc.StatusCode.PERMISSION_DENIED)
    house.failing_for = hromadas_pb2.ListHromadasRequest
    answer = await operator.get("/operator")
    assert answer.status_code == 403
    assert "Татарбунарська" not in answer.text


async def test_an_officers_session_is_not_the_operators(officer: httpx.AsyncClient) -> None:
    assert (await officer.get("/operator")).headers["location"] == "/sign-in?to=%2Foperator"


async def test_an_unknown_hromada_cannot_be_suspended(operator: httpx.AsyncClient) -> None:
    assert (await operator.get("/operator/hromadas/odesa/suspend")).status_code == 404
