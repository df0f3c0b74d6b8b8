// Footage of one camera: hls.js plays what the pass opens, the clock over the picture shows when that was; the pass is
// renewed each minute, and the view ends with the page. A gateway that is silent is left for the next address.
"use strict";
(() => {
  const stage = document.querySelector("[data-footage]");
  const video = stage.querySelector("video");
  const said = stage.querySelector("[data-said]");
  const clock = stage.querySelector("[data-clock]");
  const { camera, passes, ended, waits } = stage.dataset;
  const origins = stage.dataset.origins.split(" ");
  let at = 0, path = stage.dataset.path, isOver = false;

  const say = (text) => { said.textContent = text; said.hidden = !text; };
  const over = () => { isOver = true; if (hls) hls.destroy(); video.removeAttribute("src"); say(ended); };
  const load = () => hls.loadSource(`${origins[at]}${path}/main/index.m3u8`);

  const hls = Hls.isSupported() ? new Hls({
    enableWorker: false,
    xhrSetup(request, url) {
      request.open("GET", url.replace(/^.*?\/archive\/[^/]+\/[^/]+/, `${origins[at]}${path}`), true);
      request.withCredentials = true;
    },
  }) : null;

  const tick = () => {
    if (!hls || !hls.playingDate) return;
    clock.textContent = hls.playingDate.toLocaleString("uk-UA", { timeZone: "Europe/Kyiv" });
  };

  async function renew() {
    try {
      const answer = await fetch(passes);
      if (answer.status === 410) { over(); return; }
      if (!answer.ok) return;
      const mine = (await answer.json()).tiles.find((tile) => tile.id === camera);
      if (mine) path = mine.path; else over();
    } catch { /* the line is down: the pass is good for another minute */ }
  }

  addEventListener("pagehide", () => {
    const form = document.querySelector("[data-end]");
    if (!isOver) navigator.sendBeacon(form.action, new URLSearchParams(new FormData(form)));
  });
  if (!path || !hls) { over(); return; }
  hls.on(Hls.Events.ERROR, (_, trouble) => {
    if (isOver || !trouble.fatal) return;
    if (trouble.response && [404, 410].includes(trouble.response.code)) { over(); return; }
    at = (at + 1) % origins.length;
    say(waits);
    setTimeout(() => { if (!isOver) load(); }, 2000);
  });
  hls.on(Hls.Events.FRAG_BUFFERED, () => say(""));
  video.addEventListener("timeupdate", tick);
  setInterval(() => { if (!isOver) renew(); }, 60000);
  load();
  hls.attachMedia(video);
  video.play().catch(() => { /* the viewer presses play */ });
})();
