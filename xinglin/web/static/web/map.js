// A Leaflet map of outlines and points; no tiles, no outside request.
import { colour, data, library, sheet, whenNear } from "./lazy.js";
import { mount, say } from "./mount.js";

// So many points are painted, not kept as shapes of the page: an old machine moves them, too.
const MANY = 300;

const tone = (name) => colour(["critical", "warning", "ok", "info"].includes(name) ? name : name === "accent" ? "apricot" : "pine");

// A step of five from light to dark (`step` null: no figure, dashed), else a tone.
function filling({ step, tone: name, share }, opacity) {
  if (step === undefined) return { fillColor: tone(name), fillOpacity: opacity ?? (share == null ? 0.08 : 0.1 + 0.6 * share) };
  if (step === null) return { fillColor: colour("sunk"), fillOpacity: 0.85, dashArray: "4 3", color: colour("edge") };
  return { fillColor: colour(`chart-${step}`), fillOpacity: 0.9 };
}

function words(label, note) {
  const box = document.createElement("div");
  const title = document.createElement("b");
  title.textContent = label ?? "";
  box.append(title);
  if (note) {
    const line = document.createElement("div");
    line.textContent = note;
    box.append(line);
  }
  return box;
}

mount("[data-map]", (holder) => {
  whenNear(holder, async () => {
    const content = data(holder.dataset.map) ?? {};
    sheet(holder.dataset.style);
    try {
      await library(holder.dataset.library);
    } catch {
      if (!holder.querySelector("svg")) holder.textContent = say("failed");
      return;
    }
    holder.replaceChildren();
    holder.dataset.ready = "";
    const { L } = window;
    const crowded = (content.points?.length ?? 0) > MANY;
    const map = L.map(holder, { attributionControl: false, zoomSnap: 0.25, scrollWheelZoom: false, preferCanvas: crowded });
    const everything = L.featureGroup().addTo(map);
    if (content.areas?.features?.length) {
      L.geoJSON(content.areas, {
        style: ({ properties = {} }) => ({ color: colour("edge"), weight: 1, ...filling(properties) }),
        onEachFeature: ({ properties = {} }, layer) => {
          layer.bindTooltip(words(properties.label, properties.note), { sticky: true });
          if (properties.url) layer.on("click", () => window.location.assign(properties.url));
        },
      }).addTo(everything);
    }
    for (const point of content.points ?? []) {
      const marker = L.circleMarker([point.lat, point.lng], {
        radius: point.size ?? 6,
        color: colour("surface"),
        weight: 1.5,
        ...filling(point, 0.95),
      });
      marker.bindTooltip(words(point.label, point.note));
      if (point.url) marker.on("click", () => window.location.assign(point.url));
      marker.addTo(everything);
    }
    const bounds = everything.getBounds();
    if (bounds.isValid()) map.fitBounds(bounds.pad(0.06), { maxZoom: 14 });
    else map.setView([35.2, 104], 4);
    new ResizeObserver(() => map.invalidateSize()).observe(holder);
  });
});
