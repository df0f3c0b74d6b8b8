"""The CCTV gateway, seeing: any camera in, one stream out, watched by right."""
