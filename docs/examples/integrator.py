"""A municipal system that registers an appeal and hears what becomes of it. Plain grpcio and the generated stubs.

The client's secret stands in SPILNO_CLIENT_SECRET: an argument could be read by everybody on the machine.
"""

import argparse
import json
import os
import sys
import time
import urllib.parse
import urllib.request
import uuid
from base64 import b64encode

import grpc
from spilno.feed.v1 import feed_pb2, feed_pb2_grpc
from spilno.reception.v1 import appeals_pb2, appeals_pb2_grpc, events_pb2


def access_token(issuer: str, client: str, secret: str) -> str:
    """Client credentials; the issuer's discovery document says where."""
    with urllib.request.urlopen(f"{issuer}/.well-known/openid-configuration") as answer:
        endpoint = json.load(answer)["token_endpoint"]
    credentials = b64encode(f"{client}:{secret}".encode()).decode()
    request = urllib.request.Request(
        endpoint,
        data=urllib.parse.urlencode({"grant_type": "client_credentials"}).encode(),
        headers={"Authorization": f"Basic {credentials}"},
    )
    with urllib.request.urlopen(request) as answer:
        return str(json.load(answer)["access_token"])


def register(channel: grpc.Channel, hromada: str, token: str, text: str) -> None:
    """Registers an appeal; a request that got no answer is repeated under the same id."""
    request = appeals_pb2.RegisterAppealRequest(
        parent=f"hromadas/{hromada}",
        request_id=str(uuid.uuid4()),
        appeal=appeals_pb2.AppealDraft(
            kind=appeals_pb2.APPEAL_KIND_APPLICATION,
            area=appeals_pb2.SAFETY_AREA_INFRASTRUCTURE,
            applicant=appeals_pb2.Applicant(
                name="Диспетчерська освітлення", residence="м. Татарбунари, вул. Центральна, 1", phone="+380484432124"
            ),
            text=text,
        ),
    )
    stub = appeals_pb2_grpc.AppealsStub(channel)
    for pause in (0.5, 2.0, 5.0, None):
        try:
            answer = stub.RegisterAppeal(request, timeout=10, metadata=carried(token))
        except grpc.RpcError as error:
            if pause is None or error.code() not in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED}:
                raise
            time.sleep(pause)
        else:
            print(json.dumps({"number": answer.appeal.number, "name": answer.appeal.name, "code": answer.code}))
            return


def watch(channel: grpc.Channel, hromada: str, token: str, cursor: str) -> None:
    """Prints each event with its cursor, until the token expires."""
    stub = feed_pb2_grpc.FeedStub(channel)
    request = feed_pb2.WatchRequest(parent=f"hromadas/{hromada}", cursor=cursor)
    for event in stub.Watch(request, metadata=carried(token)):
        for message in (events_pb2.AppealRegistered(), events_pb2.AppealTaken(), events_pb2.AppealAnswered()):
            if event.body.Unpack(message):
                what = message.DESCRIPTOR.name
                print(json.dumps({"event": what, "appeal": message.appeal.name, "cursor": event.cursor}), flush=True)


def carried(token: str) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {token}"), ("accept-language", "uk"))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--issuer", required=True)
    arguments.add_argument("--reception", required=True)
    arguments.add_argument("--client", required=True)
    arguments.add_argument("--cursor", default="")
    arguments.add_argument("verb", choices=["register", "watch"])
    arguments.add_argument("text", nargs="?", default="")
    given = arguments.parse_args()
    hromada = given.client.split(".")[1]
    token = access_token(given.issuer, given.client, os.environ["SPILNO_CLIENT_SECRET"])
    with grpc.insecure_channel(given.reception) as channel:
        try:
            if given.verb == "register":
                register(channel, hromada, token, given.text)
            else:
                watch(channel, hromada, token, given.cursor)
        except grpc.RpcError as error:
            sys.exit(f"{error.code().name}: {error.details()}")


if __name__ == "__main__":
    main()
