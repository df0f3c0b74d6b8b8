"""What a service holds of a hromada, as the contract tells it."""

from spilno.tenancy.v1 import tenancy_pb2 as pb

from kit.tenancy.holdings import Held, Holding


def of_holding(holding: Holding) -> pb.Holdings:
    return pb.Holdings(
        schema=holding.schema,
        tables=[
            pb.Table(name=each.name, rows=each.rows, bytes=each.bytes, digest=each.digest) for each in holding.tables
        ],
        trail=holding.trail,
        leaving=holding.leaving,
    )


def holding(message: pb.Holdings) -> Holding:
    tables = [Held(each.name, each.rows, each.bytes, each.digest) for each in message.tables]
    return Holding(message.schema, tables, message.trail, message.leaving)
