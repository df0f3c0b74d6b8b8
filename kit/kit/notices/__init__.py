"""Notices: what a person who agreed to it is told by e-mail or SMS.

A service names its kinds (`Kind`) and tells (`Notices.tell`) in the call that gives cause. The notice is a row of that
call's transaction; a job sends it, and says on the row what became of it.
"""

from kit.notices.actions import Notices, To
from kit.notices.rules import Channel, State, Trouble
from kit.notices.texts import Kind, Text

__all__ = ["Channel", "Kind", "Notices", "State", "Text", "To", "Trouble"]
