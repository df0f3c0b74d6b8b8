"""What reception tells people: kinds with the values that a hromada's texts may name.

No value is what somebody typed. Anyone may book a visit or file an appeal with anyone's address: a name or a topic in
the letter would let them write to a stranger in the office's name. And no letter holds a secret code, an appeal's words
or its answer: mailboxes are shared, an SMS lies on a locked screen for everybody to read.
"""

from kit.notices import Kind, Notices

_WHEN = "вівторок, 24 листопада, 10:00"

VISIT_BOOKED = Kind("visit-booked", {"when": _WHEN, "link": "https://spilno.example.org/hromada/visits/cancel"})
VISIT_CANCELLED = Kind("visit-cancelled", {"when": _WHEN, "link": "https://spilno.example.org/hromada/visits/new"})
VISIT_TOMORROW = Kind("visit-tomorrow", {"when": _WHEN, "link": "https://spilno.example.org/hromada/visits/cancel"})
APPEAL_REGISTERED = Kind(
    "appeal-registered", {"number": "147/2026", "link": "https://spilno.example.org/hromada/appeals/follow"}
)
APPEAL_ANSWERED = Kind(
    "appeal-answered", {"number": "147/2026", "link": "https://spilno.example.org/hromada/appeals/follow"}
)
HAZARD_CHANGED = Kind("hazard-changed", {"number": "41", "link": "https://spilno.example.org/hromada/hazards/follow"})

notices = Notices(
    "reception",
    [VISIT_BOOKED, VISIT_CANCELLED, VISIT_TOMORROW, APPEAL_REGISTERED, APPEAL_ANSWERED, HAZARD_CHANGED],
)
