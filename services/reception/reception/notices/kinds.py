"""What reception tells people: kinds with the values that a hromada's texts may name.

No value is what a resident typed. Anyone may book a visit or file an appeal with anyone's address: a name or a topic
in the letter would let them write to a stranger in the office's name. And no letter holds a secret code, an appeal's
words, its answer or a decision's reason: mailboxes are shared, an SMS lies on a locked screen for everybody to read.
"""

from kit.notices import Kind, Notices

_WHEN = "вівторок, 24 листопада, 10:00"
_PORTAL = "https://spilno.example.org/hromada"
_APPEAL = {"number": "147/2026", "link": f"{_PORTAL}/appeals/follow"}
_TERM = {"number": "147/2026", "until": "24 грудня 2026 р.", "link": f"{_PORTAL}/appeals/follow"}
_BODY = {"number": "147/2026", "body": "Татарбунарська міська рада", "link": f"{_PORTAL}/appeals/follow"}
_HAZARD = {"number": "41", "link": f"{_PORTAL}/hazards/follow"}
_REFERRAL = {"number": "147/2026", "until": "24 грудня 2026 р.", "link": f"{_PORTAL}/office/appeals/5/referrals"}
_WORK = {"number": "147/2026", "until": "24 грудня 2026 р.", "link": f"{_PORTAL}/office/appeals"}

VISIT_BOOKED = Kind("visit-booked", {"when": _WHEN, "link": f"{_PORTAL}/visits/cancel"})
VISIT_CANCELLED = Kind("visit-cancelled", {"when": _WHEN, "link": f"{_PORTAL}/visits/new"})
VISIT_MOVED = Kind("visit-moved", {"when": _WHEN, "link": f"{_PORTAL}/visits/cancel"})
VISIT_TOMORROW = Kind("visit-tomorrow", {"when": _WHEN, "link": f"{_PORTAL}/visits/cancel"})

APPEAL_REGISTERED = Kind("appeal-registered", _APPEAL)
APPEAL_ANSWERED = Kind("appeal-answered", _APPEAL)
APPEAL_EXTENDED = Kind("appeal-extended", _TERM)
APPEAL_SHORTENED = Kind("appeal-shortened", _TERM)
APPEAL_SHORTENING_DECLINED = Kind("appeal-shortening-declined", _TERM)
APPEAL_FORWARDED = Kind("appeal-forwarded", _BODY)
APPEAL_BODY_ANSWERED = Kind("appeal-body-answered", _BODY)
APPEAL_RETURNED_FOR_DEFECT = Kind("appeal-returned-for-defect", _APPEAL)
APPEAL_RETURNED_AS_INSUFFICIENT = Kind("appeal-returned-as-insufficient", _APPEAL)
APPEAL_NOT_CONSIDERED = Kind("appeal-not-considered", _APPEAL)
APPEAL_HANDED_OVER = Kind("appeal-handed-over", _APPEAL)

REFERRAL_ACCEPTED = Kind("referral-accepted", _APPEAL)
REFERRAL_REPLIED = Kind("referral-replied", _APPEAL)
REFERRAL_DECLINED = Kind("referral-declined", _APPEAL)

HAZARD_CHANGED = Kind("hazard-changed", _HAZARD)
HAZARD_ACCEPTED = Kind("hazard-accepted", _HAZARD)
HAZARD_CLOSED = Kind("hazard-closed", _HAZARD)
HAZARD_REOPENED = Kind("hazard-reopened", _HAZARD)

STAFF_APPEAL_WARNED = Kind("staff-appeal-warned", _WORK)
STAFF_APPEAL_BREACHED = Kind("staff-appeal-breached", _WORK)
STAFF_APPEAL_ESCALATED = Kind("staff-appeal-escalated", _WORK)
STAFF_REFERRAL_NEAR = Kind("staff-referral-near", _REFERRAL)
STAFF_REFERRAL_OVERDUE = Kind("staff-referral-overdue", _REFERRAL)
STAFF_SUBMISSION_WAITING = Kind("staff-submission-waiting", {"link": f"{_PORTAL}/office/outside"})
STAFF_SUBMISSION_LATE = Kind("staff-submission-late", {"link": f"{_PORTAL}/office/outside"})

notices = Notices(
    "reception",
    [
        VISIT_BOOKED,
        VISIT_CANCELLED,
        VISIT_MOVED,
        VISIT_TOMORROW,
        APPEAL_REGISTERED,
        APPEAL_EXTENDED,
        APPEAL_SHORTENED,
        APPEAL_SHORTENING_DECLINED,
        APPEAL_FORWARDED,
        APPEAL_BODY_ANSWERED,
        APPEAL_RETURNED_FOR_DEFECT,
        APPEAL_RETURNED_AS_INSUFFICIENT,
        APPEAL_NOT_CONSIDERED,
        APPEAL_HANDED_OVER,
        APPEAL_ANSWERED,
        REFERRAL_ACCEPTED,
        REFERRAL_REPLIED,
        REFERRAL_DECLINED,
        HAZARD_ACCEPTED,
        HAZARD_CHANGED,
        HAZARD_CLOSED,
        HAZARD_REOPENED,
        STAFF_APPEAL_WARNED,
        STAFF_APPEAL_BREACHED,
        STAFF_APPEAL_ESCALATED,
        STAFF_REFERRAL_NEAR,
        STAFF_REFERRAL_OVERDUE,
        STAFF_SUBMISSION_WAITING,
        STAFF_SUBMISSION_LATE,
    ],
)
