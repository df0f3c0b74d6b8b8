"""What a service keeps of each call that changes something or shows personal data: a row of the call's own transaction.

The relay gives the rows of each hromada their numbers, 1, 2, 3, in the order in which it finds them committed, and
sends them to identity, which seals them. A call pays for one insert and waits for no other call's number.
"""

from kit.audit.acts import Act, Outcome, Record

__all__ = ["Act", "Outcome", "Record"]
