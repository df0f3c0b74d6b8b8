"""Cameras of GStreamer, run by the system's own Python: `cameras_gstreamer.py <port> <port of the locked one>
<sights>`; without them it only says, by its exit code, whether it could. In the folder of sights a file tells what the
camera of its name looks at, if that is one that may be turned and covered.
"""

import sys
from pathlib import Path
from typing import Any

_SCENE = (
    "videotestsrc is-live=true pattern={pattern} ! video/x-raw,format=I420,width={width},height={height},framerate=20/1"
)
_H264 = "x264enc speed-preset=ultrafast tune=zerolatency key-int-max=40 bitrate={rate} ! video/x-h264,profile={profile}"
_TO_RTP = "rtph264pay name=pay0 pt=96 config-interval=-1"
_ELEMENTS = ("videotestsrc", "x264enc", "x265enc", "jpegenc", "rtph264pay", "rtph265pay", "rtpjpegpay")


def scene(pattern: str = "ball", width: int = 640, height: int = 360) -> str:
    return _SCENE.format(pattern=pattern, width=width, height=height)


CAMERAS = {
    "h264": f"{scene()} ! {_H264.format(profile='main', rate=1000)} ! {_TO_RTP}",
    "street": f"{scene('snow', 1280, 720)} ! {_H264.format(profile='main', rate=2000)} ! {_TO_RTP}",
    "reordered": (
        f"{scene()} ! x264enc speed-preset=veryfast bframes=2 b-adapt=false key-int-max=40 bitrate=1000 "
        f"! video/x-h264,profile=high ! {_TO_RTP}"
    ),
    "h265": (
        f"{scene(width=320, height=240)} ! x265enc speed-preset=ultrafast tune=zerolatency key-int-max=40 bitrate=500 "
        "! rtph265pay name=pay0 pt=96 config-interval=-1"
    ),
    "jpeg": f"{scene(width=320, height=240)} ! jpegenc ! rtpjpegpay name=pay0 pt=26",
}
_SIGHT = "smpte name=sight foreground-color=0xff808080 background-color=0xff602000"
MOVABLE = (
    f"{scene(_SIGHT, 320, 240)} ! x264enc speed-preset=ultrafast "
    f"tune=zerolatency key-int-max=10 bitrate=500 ! video/x-h264,profile=main ! {_TO_RTP}"
)
MOVABLE_NAMES = ("gate", "yard")
_LOOKED_UP_EACH = 100
"""Milliseconds."""


def _gstreamer() -> Any:
    import gi

    gi.require_version("Gst", "1.0")
    gi.require_version("GstRtsp", "1.0")
    gi.require_version("GstRtspServer", "1.0")
    from gi.repository import GLib, Gst, GstRtspServer

    Gst.init(None)
    if not all(Gst.ElementFactory.find(name) for name in _ELEMENTS):
        sys.exit(1)
    return GLib, Gst, GstRtspServer


def serve(port: str, locked_port: str, sights: str) -> None:
    """Serves until the process is ended."""
    glib, gst, rtsp = _gstreamer()
    open_to_all = _server(rtsp, port)
    for name in MOVABLE_NAMES:
        factory = _factory(rtsp, MOVABLE)
        factory.connect("media-configure", _follow, glib, gst, Path(sights) / name)
        open_to_all.get_mount_points().add_factory(f"/{name}", factory)
    for name, pipeline in CAMERAS.items():
        open_to_all.get_mount_points().add_factory(f"/{name}", _factory(rtsp, pipeline))
    locked = _server(rtsp, locked_port)
    token = rtsp.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    login = rtsp.RTSPAuth()
    login.set_supported_methods(_digest())
    login.add_digest("camera", "s3cret", token)
    locked.set_auth(login)
    factory = _factory(rtsp, CAMERAS["h264"])
    allowed = gst.Structure.new_empty("viewer")
    allowed.set_value("media.factory.access", True)
    allowed.set_value("media.factory.construct", True)
    factory.add_role_from_structure(allowed)
    locked.get_mount_points().add_factory("/h264", factory)
    for each in (open_to_all, locked):
        each.attach(None)
    glib.MainLoop().run()


def _server(rtsp: Any, port: str) -> Any:
    server = rtsp.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(port)
    return server


def _digest() -> Any:
    """What most cameras ask for: a password that nobody reads on the way."""
    from gi.repository import GstRtsp

    return GstRtsp.RTSPAuthMethod.DIGEST


def _factory(rtsp: Any, pipeline: str) -> Any:
    """A camera that is encoded once, for however many look, also through the gateway's doors: their port is none of
    what it is known by."""
    factory = type("Factory", (rtsp.RTSPMediaFactory,), {"do_gen_key": lambda _, url: str(url.abspath)})()
    factory.set_launch(f"( {pipeline} )")
    factory.set_shared(True)
    if pipeline != CAMERAS["street"]:  # whose encoding takes a quarter of a core
        factory.connect("media-configure", _keep_going, rtsp)
    return factory


def _keep_going(_: Any, media: Any, rtsp: Any) -> None:
    """Has a camera go on when nobody looks: GStreamer's server fails an assertion of its own when somebody begins to
    look while the last who looked leave (1.22, `gst_rtsp_media_get_rates`)."""
    media.prepare(rtsp.RTSPThreadPool().get_thread(rtsp.RTSPThreadType.MEDIA, rtsp.RTSPContext()))


def _follow(_: Any, media: Any, glib: Any, gst: Any, told_by: Path) -> None:
    """Has a camera look at what its file names, from frame to frame, while it is looked through."""
    source = media.get_element().get_by_name("sight")

    def turn() -> bool:
        if told_by.exists():
            gst.util_set_object_arg(source, "pattern", told_by.read_text())
        return True

    turn()
    timer = glib.timeout_add(_LOOKED_UP_EACH, turn)
    media.connect("unprepared", lambda _: glib.source_remove(timer))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        serve(*sys.argv[1:])
    else:
        _gstreamer()
