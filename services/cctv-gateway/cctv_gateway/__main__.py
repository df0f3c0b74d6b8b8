"""python -m cctv_gateway"""

from kit.loading import loading

if __name__ == "__main__":
    with loading():
        from cctv_gateway.service import service

    service.main()
