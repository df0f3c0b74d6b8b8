// What pages that play one camera have in common: what is told lies over the picture, the pass is renewed each minute,
// and the view ends with the page, or when nobody may look any more.
"use strict";
function Viewing(stage, whenOver) {
  const said = stage.querySelector("[data-said]");
  const { camera, passes, ended } = stage.dataset;
  const view = { path: stage.dataset.path, isOver: false };

  view.say = (text) => { said.textContent = text; said.hidden = !text; };
  view.over = () => { view.isOver = true; whenOver(); view.say(ended); };

  async function renew() {
    try {
      const answer = await fetch(passes);
      if (answer.status === 410) { view.over(); return; }
      if (!answer.ok) return;
      const mine = (await answer.json()).tiles.find((tile) => tile.id === camera);
      if (mine) view.path = mine.path; else view.over();
    } catch { /* the line is down: the pass is good for another minute */ }
  }

  setInterval(() => { if (!view.isOver) renew(); }, 60000);
  addEventListener("pagehide", () => {
    const form = document.querySelector("[data-end]");
    if (!view.isOver) navigator.sendBeacon(form.action, new URLSearchParams(new FormData(form)));
  });
  return view;
}
