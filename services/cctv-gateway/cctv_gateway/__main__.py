"""python -m cctv_gateway"""

from cctv_gateway.service import service

if __name__ == "__main__":
    service.main()
