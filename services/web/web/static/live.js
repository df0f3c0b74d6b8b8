// One camera, live: hls.js plays what the pass opens; the pass is renewed each minute, and the view ends with the page.
"use strict";
(() => {
  const stage = document.querySelector("[data-live]");
  const video = stage.querySelector("video");
  const said = stage.querySelector("[data-said]");
  const clock = stage.querySelector("[data-clock]");
  const { origin, camera, passes, ended, waits } = stage.dataset;
  let path = stage.dataset.path;
  let isOver = false;

  const say = (text) => { said.textContent = text; said.hidden = !text; };
  const tick = () => { clock.textContent = new Date().toLocaleString("uk-UA"); };
  const over = () => { isOver = true; hls.destroy(); video.removeAttribute("src"); say(ended); };

  const hls = new Hls({
    lowLatencyMode: true,
    maxLiveSyncPlaybackRate: 1.1,
    backBufferLength: 10,
    enableWorker: false,
    xhrSetup(request, url) {
      request.open("GET", url.replace(/\/live\/[^/]+\/[^/]+/, path), true);
      request.withCredentials = true;
    },
  });

  hls.on(Hls.Events.ERROR, (_, trouble) => {
    if (isOver || !trouble.fatal) return;
    if (trouble.response && trouble.response.code === 410) { over(); return; }
    say(waits);
    setTimeout(() => { if (!isOver) hls.loadSource(`${origin}${path}/main/index.m3u8`); }, 2000);
  });
  hls.on(Hls.Events.FRAG_BUFFERED, () => say(""));

  async function renew() {
    try {
      const answer = await fetch(passes);
      if (!answer.ok) { over(); return; }
      const mine = (await answer.json()).tiles.find((tile) => tile.id === camera);
      if (mine) path = mine.path; else over();
    } catch { /* the line is down: the pass is good for another minute */ }
  }

  setInterval(tick, 1000);
  setInterval(() => { if (!isOver) renew(); }, 60000);
  tick();
  addEventListener("pagehide", () => {
    const form = document.querySelector("[data-end]");
    if (!isOver) navigator.sendBeacon(form.action, new URLSearchParams(new FormData(form)));
  });
  if (path) { hls.loadSource(`${origin}${path}/main/index.m3u8`); hls.attachMedia(video); } else over();
})();
