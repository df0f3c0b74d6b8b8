"""How a camera is told who asks."""

import hashlib

import pytest
from cctv_gateway.engine.rtsp.login import Login

URI = "/dir/index.html"
RFC_7616 = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={algorithm}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFoH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)
OURS = bytes.fromhex("7a6f6d6d65723132")


def told(login: Login, method: str = "GET") -> dict[str, str]:
    (line,) = login.header(method, URI)
    scheme, _, rest = line.partition(": ")[2].partition(" ")
    pairs = (each.split("=", 1) for each in rest.split(", "))
    return {"scheme": scheme, **{name: value.strip('"') for name, value in pairs}}


def test_nothing_is_told_before_somebody_asks() -> None:
    assert Login("Mufasa", "Circle of Life").header("GET", URI) == []


def test_without_a_name_there_is_nothing_to_tell() -> None:
    assert not Login("", "").is_asked(["Basic realm=camera"])


def test_a_name_and_a_password_are_told_as_they_are_where_no_more_is_asked_for() -> None:
    login = Login("Aladdin", "open sesame")
    assert login.is_asked(['Basic realm="WallyWorld"'])
    assert login.header("DESCRIBE", URI) == ["Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="]


def test_the_digest_of_rfc_2069_is_without_a_count() -> None:
    login = Login("Mufasa", "CircleOfLife")
    assert login.is_asked(['Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'])
    assert told(login)["response"] == "1949323746fe6a43ef61f9606e7febea"


@pytest.mark.parametrize(("algorithm", "function"), [("MD5", "md5"), ("SHA-256", "sha256")])
def test_a_digest_is_made_as_rfc_7616_says(algorithm: str, function: str) -> None:
    login = Login("Mufasa", "Circle of Life")
    assert login.is_asked([RFC_7616.format(algorithm=algorithm)])
    said = told(login)

    def hashed(text: str) -> str:
        return hashlib.new(function, text.encode()).hexdigest()

    who, what = hashed("Mufasa:http-auth@example.org:Circle of Life"), hashed(f"GET:{URI}")
    assert said["response"] == hashed(f"{who}:{said['nonce']}:00000001:{said['cnonce']}:auth:{what}")
    assert (said["algorithm"], said["qop"], said["opaque"][:4]) == (algorithm, "auth", "FQhe")


def test_each_time_it_is_told_it_is_counted_and_another_answer() -> None:
    login = Login("Mufasa", "Circle of Life")
    login.is_asked([RFC_7616.format(algorithm="MD5")])
    first, second = told(login), told(login)
    assert (first["nc"], second["nc"]) == ("00000001", "00000002")
    assert first["response"] != second["response"]


def test_a_digest_is_told_where_both_are_asked_for() -> None:
    login = Login("Mufasa", "Circle of Life")
    assert login.is_asked(["Basic realm=camera", RFC_7616.format(algorithm="MD5")])
    assert told(login)["scheme"] == "Digest"


def test_who_is_refused_again_is_not_asked_for_ever_unless_the_number_used_once_is_old() -> None:
    login = Login("Mufasa", "wrong")
    asked = RFC_7616.format(algorithm="MD5")
    assert login.is_asked([asked])
    assert not login.is_asked([asked])
    assert login.is_asked([f"{asked}, stale=true"])


def test_a_way_that_is_not_known_is_not_told() -> None:
    assert not Login("Mufasa", "x").is_asked(['Digest realm="x", nonce="y", algorithm=SHA-512-256', "Negotiate"])
