"""What a service does later, or every day: each job in one transaction of its hromada, once in effect."""

from kit.jobs.declared import Bringing, Daily, Delayed, Job

__all__ = ["Bringing", "Daily", "Delayed", "Job"]
