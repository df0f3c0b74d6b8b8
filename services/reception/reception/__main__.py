"""python -m reception"""

from kit.loading import loading

if __name__ == "__main__":
    with loading():
        from reception.service import service

    service.main()
