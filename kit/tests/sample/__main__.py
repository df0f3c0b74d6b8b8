"""python -m sample: the sample as a process of its own, where everybody may do everything in their hromada."""

from dataclasses import replace

from sample.everybody import Everybody
from sample.service import service

if __name__ == "__main__":
    replace(service, authorities=lambda _: Everybody()).main()
