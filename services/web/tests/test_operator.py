import grpc
import httpx
from spilno.identity.v1 import hromadas_pb2
from spilno.identity.v1 import provisioning_pb2 as pb
from web.testing import House, hidden
from web.testing_answers import failure

SUSPEND = "/operator/hromadas/tatarbunary/suspend"


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


NEW = "/operator/hromadas/new"
TYPED = {
    "title": "Ірпінська громада",
    "katotth": "UA32080150000000001",
    "slug": "irpin",
    "address": "вул. Шевченка, 1, Ірпінь",
    "phone": "097 123 45 67",
    "head_name": "Керівник офісу",
    "head_email": "head@irpin.example.org",
    "template": "",
}


async def test_the_operator_creates_a_hromada_and_sees_the_heads_link_once_there(
    operator: httpx.AsyncClient, house: House
) -> None:
    made = await operator.post(NEW, data={**await hidden(operator, NEW), **TYPED})
    assert (made.status_code, made.headers["location"]) == (303, "/operator/hromadas/irpin")
    asked = next(each for each in house.asked if isinstance(each, hromadas_pb2.CreateHromadaRequest))
    assert (asked.hromada_id, list(asked.office.phones)) == ("irpin", ["+380971234567"])
    assert "irpin.example.org" not in made.headers["location"]


async def test_what_is_wrong_with_a_new_hromada_stands_at_its_field(operator: httpx.AsyncClient, house: House) -> None:
    house.failing = failure(grpc.StatusCode.ALREADY_EXISTS, "hromada.slug-taken", hromada_id="Така адреса зайнята")
    house.failing_for = hromadas_pb2.CreateHromadaRequest
    refused = await operator.post(NEW, data={**await hidden(operator, NEW), **TYPED})
    assert refused.status_code == 422
    assert 'href="#slug">Така адреса зайнята' in refused.text
    assert "Ірпінська громада" in refused.text


def under_way() -> pb.Provisioning:
    done = pb.ProvisioningStep(kind=pb.PROVISIONING_STEP_KIND_HROMADA)
    done.finished_at.FromSeconds(1)
    waiting = pb.ProvisioningStep(
        kind=pb.PROVISIONING_STEP_KIND_TEMPLATE, service="reception", trouble=pb.PROVISIONING_TROUBLE_AWAY
    )
    return pb.Provisioning(steps=[done, waiting, pb.ProvisioningStep(kind=pb.PROVISIONING_STEP_KIND_OPEN)])


async def test_the_way_of_a_hromada_names_who_is_missing_and_comes_anew(
    operator: httpx.AsyncClient, house: House
) -> None:
    house.progress = under_way()
    page = await operator.get("/operator/hromadas/tatarbunary")
    assert page.headers["refresh"] == "3"
    assert "Приймальня" in page.text
    assert "не відповідає" in page.text.replace("\u00a0", " ")
    still = await operator.get("/operator/hromadas/tatarbunary?still=1")
    assert "refresh" not in still.headers


async def test_a_hromada_that_is_ready_stays_still(operator: httpx.AsyncClient, house: House) -> None:
    house.progress = pb.Provisioning(done=True)
    page = await operator.get("/operator/hromadas/tatarbunary")
    assert "refresh" not in page.headers
    assert "Офіс готовий" in page.text


async def test_a_fault_in_a_template_stands_at_its_part_and_the_text_is_kept(
    operator: httpx.AsyncClient, house: House
) -> None:
    new = "/operator/templates/new"
    typed = {**await hidden(operator, new), "part-reception": "name: own\nversion: 2\nlunch: 13:00"}
    house.failing = failure(
        grpc.StatusCode.INVALID_ARGUMENT, "request.invalid", parts__reception__lunch="lunch: такого ключа немає"
    )
    house.failing_for = pb.PublishTemplateRequest
    refused = await operator.post(new, data=typed)
    assert 'href="#part-reception">lunch: такого ключа немає' in refused.text
    assert "lunch: 13:00" in refused.text
    house.failing = None
    assert (await operator.post(new, data=typed)).status_code == 303
    assert "own, версія" in (await operator.get("/operator/templates")).text.replace("\u00a0", " ")


async def test_residents_of_a_hromada_on_its_way_are_asked_to_come_back(
    visitor: httpx.AsyncClient, house: House
) -> None:
    house.failing = failure(grpc.StatusCode.FAILED_PRECONDITION, "hromada.provisioning")
    house.failing_for = hromadas_pb2.GetOfficeRequest
    page = await visitor.get("/tatarbunary")
    assert (page.status_code, "Офіс ще готують" in page.text) == (503, True)


async def test_the_page_says_how_much_of_the_disk_a_hromada_takes(operator: httpx.AsyncClient, house: House) -> None:
    house.progress = pb.Provisioning(done=True)
    page = plain(await operator.get("/operator/hromadas/tatarbunary"))
    assert "1,2 МБ" in page
    assert "Файли, 2 140" in page
    assert "5 ГБ" in page
    assert "Не відповідає" not in page
    assert house.usage is not None
    house.usage.missing_services.append("reception")
    assert "Не відповідає: Приймальня" in plain(await operator.get("/operator/hromadas/tatarbunary"))
    house.usage = None
    assert "зараз не дізнатися" in plain(await operator.get("/operator/hromadas/tatarbunary"))


def plain(page: httpx.Response) -> str:
    return page.text.replace("\u00a0", " ")
