"""Mediation: conflicts that parties settle with a neutral mediator."""

from alembic import op
from kit.database.migrations import hromada_table

revision = "0031"
down_revision = "0030"

_OF_A_CASE = """
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          mediation_id uuid NOT NULL,
          PRIMARY KEY (hromada_id, id),
          FOREIGN KEY (hromada_id, mediation_id) REFERENCES mediation (hromada_id, id),
"""


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE mediation (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          number text NOT NULL,
          matter text NOT NULL,
          appeal_id uuid,
          mediator text NOT NULL,
          mediator_name text NOT NULL,
          state text NOT NULL CHECK (state IN ('proposed', 'under_way', 'agreed', 'closed')),
          opened_on date NOT NULL,
          agreement text NOT NULL,
          agreed_on date,
          outcome text CHECK (outcome IN ('kept', 'broken', 'no_agreement', 'no_consent', 'referred')),
          closing_note text NOT NULL,
          closed_on date,
          worked_at timestamptz NOT NULL,
          PRIMARY KEY (hromada_id, id),
          UNIQUE (hromada_id, number),
          CHECK ((state = 'closed') = (closed_on IS NOT NULL AND outcome IS NOT NULL)),
          FOREIGN KEY (hromada_id, appeal_id) REFERENCES appeal (hromada_id, id)
        )
        """
    )
    hromada_table("mediation")
    op.execute("CREATE INDEX mediation_of_mediator ON mediation (hromada_id, mediator)")
    op.execute(
        f"CREATE TABLE mediation_staff ({_OF_A_CASE} subject text NOT NULL, display_name text NOT NULL, "
        "UNIQUE (hromada_id, mediation_id, subject))"
    )
    hromada_table("mediation_staff", "SELECT, INSERT, DELETE")
    op.execute(
        f"""
        CREATE TABLE mediation_party ({_OF_A_CASE}
          display_name text NOT NULL,
          contact text NOT NULL,
          consent text NOT NULL CHECK (consent IN ('asked', 'given', 'refused', 'withdrawn')),
          consent_on date,
          consent_form text CHECK (consent_form IN ('written', 'oral', 'electronic')),
          signed_on date,
          CHECK (consent = 'asked' OR (consent_on IS NOT NULL AND consent_form IS NOT NULL))
        )
        """
    )
    hromada_table("mediation_party")
    op.execute(
        f"""
        CREATE TABLE mediation_meeting ({_OF_A_CASE}
          planned_on date,
          held_on date,
          note text NOT NULL,
          CHECK (planned_on IS NOT NULL OR held_on IS NOT NULL)
        )
        """
    )
    hromada_table("mediation_meeting")
    op.execute(
        f"""
        CREATE TABLE mediation_follow_up ({_OF_A_CASE}
          due_on date NOT NULL,
          question text NOT NULL,
          done_on date,
          result text NOT NULL
        )
        """
    )
    hromada_table("mediation_follow_up")
    for table in ("staff", "party", "meeting", "follow_up"):
        op.execute(f"CREATE INDEX mediation_{table}_of_case ON mediation_{table} (hromada_id, mediation_id)")
