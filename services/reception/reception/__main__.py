"""python -m reception"""

from reception.service import service

if __name__ == "__main__":
    service.main()
