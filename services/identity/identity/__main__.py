"""`python -m identity`: serves; `python -m identity prepare`: migrates, and makes what must stand before."""

from kit.loading import loading

if __name__ == "__main__":
    with loading():
        from identity.service import service

    service.main()
