"""Whom the office asks to help, with the person's consent."""
