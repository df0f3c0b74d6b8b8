"""Restorative justice: conflicts that parties settle themselves, with a neutral mediator."""
