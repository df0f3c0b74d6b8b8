"""RTSP over TCP without libav, as most cameras speak it, for less than libav takes. The rest is left to libav."""
