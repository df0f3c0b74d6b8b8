"""`python -m web` serves the portals until SIGTERM, then drains; `python -m web prepare` migrates its database."""

from kit.loading import loading

if __name__ == "__main__":
    with loading():
        from web.process import main

    main()
