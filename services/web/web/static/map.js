"use strict";

// The hromada's own map, without the tiles of others. Where no script runs, the form beside it says the same in words.
const STYLES = {
  boundary: {color: "#7d7563", weight: 1.5, dashArray: "5 5", fillColor: "#fdfaf2", fillOpacity: 1},
  field: {stroke: false, fillColor: "#f3ecd2", fillOpacity: 1},
  green: {stroke: false, fillColor: "#cfe0c4", fillOpacity: 1},
  water: {stroke: false, fillColor: "#b9c8ef", fillOpacity: 1},
  street: {color: "#ddd0b4", weight: 6, lineCap: "round"},
  highway: {color: "#e0a526", weight: 9, lineCap: "round"},
};
const AREA = {color: "#1b2c78", weight: 3, fillColor: "#2a45b0", fillOpacity: 0.12};
const NEIGHBOUR = {color: "#4a5067", weight: 2, dashArray: "6 4", fillColor: "#4a5067", fillOpacity: 0.08};

function shown(el, features) {
  const map = L.map(el, {scrollWheelZoom: false, zoomControl: false, attributionControl: false, zoomSnap: 0.25});
  L.control.zoom({position: "topright", zoomInTitle: el.dataset.nearer, zoomOutTitle: el.dataset.further}).addTo(map);
  if (el.dataset.attribution) {
    L.control.attribution({prefix: false}).addAttribution(el.dataset.attribution).addTo(map);
  }
  const ground = L.geoJSON(features, {
    interactive: false,
    style: (feature) => STYLES[feature.properties.kind],
    pointToLayer: (feature, at) => {
      const name = document.createElement("span");
      name.textContent = feature.properties.name || "";
      const icon = L.divIcon({className: "map__name", iconSize: null, html: name});
      return L.marker(at, {interactive: false, keyboard: false, icon});
    },
    onEachFeature: (feature, layer) => {
      if (feature.properties.name && feature.geometry.type.endsWith("LineString")) {
        layer.bindTooltip(feature.properties.name, {sticky: true});
      }
    },
  }).addTo(map);
  const areas = JSON.parse(el.dataset.areas || "[]").map(({label, area, own}) => {
    const layer = L.geoJSON(JSON.parse(area), {interactive: false, style: own ? AREA : NEIGHBOUR}).addTo(map);
    const name = document.createElement("b");
    name.textContent = label;
    const icon = L.divIcon({className: "map__name", iconSize: null, html: name});
    L.marker(layer.getBounds().getCenter(), {interactive: false, keyboard: false, icon}).addTo(map);
    return {own, layer};
  });
  const near = areas.filter((each) => each.own);
  const bounds = L.featureGroup((near.length ? near : areas).map((each) => each.layer)).getBounds();
  const border = L.featureGroup(ground.getLayers().filter((each) => each.feature.properties.kind === "boundary"));
  const whole = border.getLayers().length ? border.getBounds().pad(0.05) : ground.getBounds();
  map.fitBounds(bounds.isValid() ? bounds.pad(near.length ? 0.3 : 0.1) : whole);
  return map;
}

// A text of points, one a line, as people type them; null when it is something else, such as a border with holes.
function ringOf(text) {
  const lines = text.split("\n").map((line) => line.trim()).filter(Boolean);
  const points = lines.map((line) => line.match(/^(-?\d{1,2}(?:[.,]\d+)?)\s*[;,\s]\s*(-?\d{1,3}(?:[.,]\d+)?)$/));
  if (points.some((found) => !found)) return null;
  return points.map((found) => L.latLng(Number(found[1].replace(",", ".")), Number(found[2].replace(",", "."))));
}

function edited(el, map) {
  const field = document.getElementById(el.dataset.field);
  const tools = document.getElementById(el.dataset.tools);
  const before = [];
  let ring = ringOf(field.value);
  let drawn = L.layerGroup().addTo(map);

  const draw = () => {
    drawn.clearLayers();
    if (!ring) return;
    if (ring.length > 1) L.polygon(ring, {...AREA, interactive: false}).addTo(drawn);
    ring.forEach((at, place) => {
      const icon = L.divIcon({className: "map__corner", iconSize: [28, 28]});
      const title = `${el.dataset.corner} ${place + 1}`;
      const corner = L.marker(at, {draggable: true, icon, title, alt: title}).addTo(drawn);
      corner.on("dragend", () => change((points) => points.splice(place, 1, corner.getLatLng())));
      corner.on("click", () => change((points) => points.splice(place, 1)));
    });
  };
  const write = () => {
    field.value = ring.map((at) => `${at.lat.toFixed(5)}, ${at.lng.toFixed(5)}`).join("\n");
    draw();
  };
  const change = (how) => {
    if (!ring) return;
    before.push([...ring]);
    how(ring);
    write();
  };
  // Where a new corner belongs: into the nearest side, or at the end while there is no area yet.
  const placeOf = (at) => {
    if (ring.length < 3) return ring.length;
    const point = map.latLngToLayerPoint(at);
    const sides = ring.map((from, place) => {
      const to = ring[(place + 1) % ring.length];
      return L.LineUtil.pointToSegmentDistance(point, map.latLngToLayerPoint(from), map.latLngToLayerPoint(to));
    });
    return sides.indexOf(Math.min(...sides)) + 1;
  };
  map.on("click", (event) => change((points) => points.splice(placeOf(event.latlng), 0, event.latlng)));
  field.addEventListener("input", () => { ring = ringOf(field.value); draw(); });
  tools.querySelector("[value=undo]").addEventListener("click", () => {
    if (before.length) { ring = before.pop(); write(); }
  });
  tools.querySelector("[value=clear]").addEventListener("click", () => change((points) => points.splice(0)));
  tools.hidden = false;
  draw();
}

function asked(el, map) {
  const form = document.getElementById(el.dataset.form);
  map.on("click", (event) => {
    form.elements.latitude.value = event.latlng.lat.toFixed(6);
    form.elements.longitude.value = event.latlng.lng.toFixed(6);
    form.requestSubmit();
  });
}

// A drop is a report: blue while it is open, pale when it is done with.
function dropped(at, label, kind) {
  const icon = L.divIcon({className: `map__pin map__pin--${kind}`, iconSize: [30, 30], iconAnchor: [15, 34]});
  return L.marker(at, {icon, title: label, alt: label});
}

function pinned(map, pins) {
  const drawn = pins.map(({latitude, longitude, label, href, open}) => {
    const pin = dropped([latitude, longitude], label, open ? "open" : "closed").addTo(map);
    const toPage = () => { if (location.pathname !== href) location.assign(href); };
    return pin.on("click", toPage).on("keypress", (event) => { if (event.originalEvent.key === "Enter") toPage(); });
  });
  if (drawn.length === 1) map.setView(drawn[0].getLatLng(), map.getZoom() + 1);
}

function picked(el, map) {
  const form = el.closest("form");
  let pin = null;
  const put = (at) => {
    if (pin) pin.setLatLng(at);
    else pin = dropped(at, el.dataset.mark, "mine").addTo(map);
  };
  const {latitude, longitude} = form.elements;
  if (latitude.value && longitude.value) put([Number(latitude.value), Number(longitude.value)]);
  map.on("click", (event) => {
    latitude.value = event.latlng.lat.toFixed(6);
    longitude.value = event.latlng.lng.toFixed(6);
    put(event.latlng);
  });
}

// What each camera sees: a sector, from where it hangs into the direction in which it looks.
function watched(cameras, map) {
  const metre = 1 / 111320;
  const drawn = cameras.map(({title, href, at: [lat, lng], direction, angle, range, lit}) => {
    const style = {className: lit ? "map__sees" : "map__sees map__sees--dark", interactive: false};
    const edge = [];
    for (let step = 0; step <= 24 && angle && range; step += 1) {
      const bearing = (direction - angle / 2 + (angle * step) / 24) * Math.PI / 180;
      const east = Math.sin(bearing) * range * metre / Math.cos(lat * Math.PI / 180);
      edge.push([lat + Math.cos(bearing) * range * metre, lng + east]);
    }
    if (edge.length) L.polygon(angle < 360 ? [[lat, lng], ...edge] : edge, style).addTo(map);
    const icon = L.divIcon({className: "map__camera", iconSize: [24, 24]});
    const marker = L.marker([lat, lng], {icon, title, alt: title}).addTo(map);
    marker.on("click", () => { window.location.href = href; });
    return marker;
  });
  if (drawn.length) map.fitBounds(L.featureGroup(drawn).getBounds().pad(0.4), {maxZoom: 17});
}

async function begin(el) {
  const answer = await fetch(el.dataset.map);
  if (!answer.ok) return;
  const features = await answer.json();
  el.replaceChildren();
  el.closest("[data-map-frame]").hidden = false;
  const map = shown(el, features);
  document.querySelectorAll("[data-map-instead]").forEach((each) => { each.hidden = true; });
  if (el.dataset.field) edited(el, map);
  if (el.dataset.form) asked(el, map);
  if (el.dataset.pins) pinned(map, JSON.parse(el.dataset.pins));
  if ("picks" in el.dataset) picked(el, map);
  if (el.dataset.cameras) watched(JSON.parse(el.dataset.cameras), map);
}

document.querySelectorAll("[data-map]").forEach(begin);

// A file that somebody chooses is read here and stands in the field: it is sent as the text that it is.
document.querySelectorAll("input[type=file][data-into]").forEach((file) => {
  file.closest("[data-map-frame]").hidden = false;
  file.addEventListener("change", async () => {
    if (file.files.length) document.getElementById(file.dataset.into).value = await file.files[0].text();
  });
});
