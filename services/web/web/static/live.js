// One camera, live: hls.js plays what the pass opens; the pass is renewed each minute, and the view ends with the page.
// A gateway that is silent is left for the next address; which one is played from, and how far behind, the stage says.
"use strict";
(() => {
  const stage = document.querySelector("[data-live]");
  const video = stage.querySelector("video");
  const said = stage.querySelector("[data-said]");
  const clock = stage.querySelector("[data-clock]");
  const { camera, passes, ended, waits } = stage.dataset;
  const origins = stage.dataset.origins.split(" ");
  const HUNGRY = 8000, CALM = 1500;
  let at = 0, movedAt = 0, fedAt = Date.now();
  let path = stage.dataset.path;
  let isOver = false, isPlaying = false;
  const UNPLAYABLE = [Hls.ErrorDetails.BUFFER_ADD_CODEC_ERROR, Hls.ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR];

  const say = (text) => { said.textContent = text; said.hidden = !text; };
  // A browser that does not play the format is shown pictures instead, as the gateway draws them.
  const pictures = () => {
    const picture = new Image();
    picture.alt = video.getAttribute("aria-label");
    picture.onload = () => say("");
    picture.onerror = () => { at = (at + 1) % origins.length; };
    video.replaceWith(picture);
    const next = () => { if (!isOver) picture.src = `${origins[at]}${path}/picture.jpg?${Date.now()}`; };
    setInterval(next, 2000);
    next();
  };
  const behind = () => hls.playingDate ? ((Date.now() - hls.playingDate) / 1000).toFixed(1) : "";
  const tick = () => {
    clock.textContent = new Date().toLocaleString("uk-UA");
    stage.dataset.behind = behind();
    if (isPlaying && !isOver && Date.now() - fedAt > HUNGRY) elsewhere();
  };
  const over = () => { isOver = true; hls.destroy(); video.removeAttribute("src"); say(ended); };

  const hls = new Hls({
    lowLatencyMode: true,
    maxLiveSyncPlaybackRate: 1.1,
    backBufferLength: 10,
    enableWorker: false,
    xhrSetup(request, url) {
      request.open("GET", url.replace(/^.*?\/live\/[^/]+\/[^/]+/, `${origins[at]}${path}`), true);
      request.withCredentials = true;
    },
  });

  const load = () => {
    stage.dataset.at = origins[at];
    hls.loadSource(`${origins[at]}${path}/main/index.m3u8`);
  };
  function elsewhere() {
    const now = Date.now();
    if (now - movedAt < CALM) return;
    movedAt = fedAt = now;
    at = (at + 1) % origins.length;
    say(waits);
    load();
  }

  hls.on(Hls.Events.ERROR, (_, trouble) => {
    if (isOver) return;
    const isSilent = trouble.type === Hls.ErrorTypes.NETWORK_ERROR && !(trouble.response && trouble.response.code);
    if (isSilent && origins.length > 1) { elsewhere(); return; }
    if (!trouble.fatal) return;
    if (trouble.response && trouble.response.code === 410) { over(); return; }
    if (UNPLAYABLE.includes(trouble.details)) { hls.destroy(); pictures(); return; }
    say(waits);
    setTimeout(() => { if (!isOver) load(); }, 2000);
  });
  hls.on(Hls.Events.FRAG_BUFFERED, () => { fedAt = Date.now(); say(""); });

  async function renew() {
    try {
      const answer = await fetch(passes);
      if (answer.status === 410) { over(); return; }
      if (!answer.ok) return;
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
  if (!path) over();
  else if (!Hls.isSupported()) pictures();
  else { isPlaying = true; load(); hls.attachMedia(video); }
})();
