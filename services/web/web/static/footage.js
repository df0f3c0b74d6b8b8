// Footage of one camera: hls.js plays what the pass opens (viewing.js), the clock over the picture shows when that was. A
// gateway that is silent is left for the next address.
"use strict";
(() => {
  const stage = document.querySelector("[data-footage]");
  const video = stage.querySelector("video");
  const clock = stage.querySelector("[data-clock]");
  const { waits } = stage.dataset;
  const origins = stage.dataset.origins.split(" ");
  let at = 0;

  const view = Viewing(stage, () => { if (hls) hls.destroy(); video.removeAttribute("src"); });
  const load = () => hls.loadSource(`${origins[at]}${view.path}/main/index.m3u8`);

  const hls = Hls.isSupported() ? new Hls({
    enableWorker: false,
    xhrSetup(request, url) {
      request.open("GET", url.replace(/^.*?\/archive\/[^/]+\/[^/]+/, `${origins[at]}${view.path}`), true);
      request.withCredentials = true;
    },
  }) : null;

  const tick = () => {
    if (!hls || !hls.playingDate) return;
    clock.textContent = hls.playingDate.toLocaleString("uk-UA", { timeZone: "Europe/Kyiv" });
  };

  if (!view.path || !hls) { view.over(); return; }
  hls.on(Hls.Events.ERROR, (_, trouble) => {
    if (view.isOver || !trouble.fatal) return;
    if (trouble.response && [404, 410].includes(trouble.response.code)) { view.over(); return; }
    at = (at + 1) % origins.length;
    view.say(waits);
    setTimeout(() => { if (!view.isOver) load(); }, 2000);
  });
  hls.on(Hls.Events.FRAG_BUFFERED, () => view.say(""));
  video.addEventListener("timeupdate", tick);
  load();
  hls.attachMedia(video);
  video.play().catch(() => { /* the viewer presses play */ });
})();
