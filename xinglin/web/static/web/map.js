// A Leaflet map of outlines and points; no tiles, no outside request.
import { colour, data, library, sheet, whenNear } from "./lazy.js";
import { mount, say } from "./mount.js";

const tone = (name) => colour(["critical", "warning", "ok", "info"].includes(name) ? name : name === "accent" ? "apricot" : "pine");

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
      holder.textContent = say("failed");
      return;
    }
    holder.replaceChildren();
    holder.dataset.ready = "";
    const { L } = window;
    const map = L.map(holder, { attributionControl: false, zoomSnap: 0.25, scrollWheelZoom: false });
    const everything = L.featureGroup().addTo(map);
    if (content.areas?.features?.length) {
      L.geoJSON(content.areas, {
        style: ({ properties = {} }) => ({
          color: colour("edge"),
          weight: 1,
          fillColor: tone(properties.tone),
          fillOpacity: properties.share == null ? 0.08 : 0.1 + 0.6 * properties.share,
        }),
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
        fillColor: tone(point.tone),
        fillOpacity: 0.95,
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
