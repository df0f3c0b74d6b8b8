"""`python -m identity`: serves; `python -m identity prepare`: migrates, and makes what must stand before."""

from identity.service import service

if __name__ == "__main__":
    service.main()
