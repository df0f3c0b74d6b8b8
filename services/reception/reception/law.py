"""The law, rule by rule, as every service writes it down."""

from kit.law import PROVISIONS, Act, Certainty, Provision, by_law

__all__ = ["PROVISIONS", "Act", "Certainty", "Provision", "by_law"]
