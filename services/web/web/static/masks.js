"use strict";

// Masks drawn over a picture. The field below holds them in numbers: what is drawn is written there, and the reverse.
const SVG = "http://www.w3.org/2000/svg";
const SMALLEST = 8;

function masksOf(text) {
  return text.split("\n").map((line) => line.trim()).filter(Boolean).map((line) => {
    const points = line.split(/[;,](?=\s)/).map((each) => each.trim().split(/\s+/).map((n) => Number(n.replace(",", ".")) * 10));
    if (points.some((point) => point.length !== 2 || point.some(Number.isNaN))) return [];
    if (points.length !== 2) return points;
    const [[left, top], [right, bottom]] = points;
    return [[left, top], [right, top], [right, bottom], [left, bottom]];
  }).filter((mask) => mask.length > 2);
}

function begin(figure) {
  const field = document.getElementById(figure.dataset.masks);
  const frame = figure.querySelector(".masks__frame");
  const svg = figure.querySelector("svg");
  let open = [];
  let from = null;

  const shape = (name, points) => {
    const drawn = document.createElementNS(SVG, name);
    drawn.setAttribute("points", points.map((point) => point.join(",")).join(" "));
    svg.append(drawn);
  };
  const draw = (pending = null) => {
    svg.replaceChildren();
    masksOf(field.value).forEach((mask) => shape("polygon", mask));
    if (pending) shape("polygon", pending);
    if (open.length) shape("polyline", open.length > 1 ? open : [open[0], [open[0][0] + 4, open[0][1] + 4]]);
  };
  const add = (mask) => {
    const line = mask.map(([x, y]) => `${x / 10} ${y / 10}`).join(", ");
    field.value = [...field.value.split("\n").filter((each) => each.trim()), line].join("\n");
    draw();
  };
  const at = (event) => {
    const box = frame.getBoundingClientRect();
    const within = (share) => Math.round(Math.min(Math.max(share, 0), 1) * 1000);
    return [within((event.clientX - box.left) / box.width), within((event.clientY - box.top) / box.height)];
  };
  const rectangle = ([left, top], [right, bottom]) => [[left, top], [right, top], [right, bottom], [left, bottom]];
  const isDrag = (to) => Math.abs(to[0] - from[0]) > SMALLEST && Math.abs(to[1] - from[1]) > SMALLEST;

  frame.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    frame.setPointerCapture(event.pointerId);
    from = at(event);
  });
  frame.addEventListener("pointermove", (event) => {
    if (from && isDrag(at(event))) draw(rectangle(from, at(event)));
  });
  frame.addEventListener("pointerup", (event) => {
    if (!from) return;
    const to = at(event);
    if (isDrag(to)) add(rectangle(from, to));
    else { open.push(to); draw(); }
    from = null;
  });
  frame.addEventListener("pointercancel", () => { from = null; draw(); });
  figure.querySelector("[value=close]").addEventListener("click", () => {
    const mask = open;
    open = [];
    if (mask.length > 2) add(mask);
    else draw();
  });
  figure.querySelector("[value=undo]").addEventListener("click", () => {
    if (open.length) open.pop();
    else field.value = field.value.split("\n").filter((each) => each.trim()).slice(0, -1).join("\n");
    draw();
  });
  field.addEventListener("input", () => draw());
  figure.hidden = false;
  draw();
}

document.querySelectorAll("[data-masks]").forEach(begin);
