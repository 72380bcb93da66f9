// The viewer of pictures: OpenSeadragon over the tiles of a scanned slide, or over a photograph.

import { library } from "../web/lazy.js";

const holder = document.getElementById("viewer");
const facts = JSON.parse(document.getElementById("picture-facts").textContent);

const source = facts.tiled
  ? {
      width: facts.width,
      height: facts.height,
      tileSize: facts.tile,
      tileOverlap: facts.overlap,
      getTileUrl: (level, x, y) => `${facts.tiles}${level}/${x}_${y}.jpg`,
    }
  : { type: "image", url: facts.image };

await library(holder.dataset.script);
const viewer = window.OpenSeadragon({
  element: holder,
  drawer: "canvas",
  tileSources: source,
  showNavigationControl: false,
  showNavigator: false,
  immediateRender: true,
  maxZoomPixelRatio: 4,
  gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true },
});

/** Micrometres across the picture on the screen, when the scanner said how large a pixel is. */
const scale = document.querySelector("[data-scale]");
const tell = () => {
  const image = viewer.world.getItemAt(0);
  if (!image) return;
  const ratio = image.viewportToImageZoom(viewer.viewport.getZoom(true));
  const across = facts.microns ? ` · ${Math.round((holder.clientWidth / ratio) * facts.microns)} µm` : "";
  scale.textContent = `${Math.round(ratio * 100)} %${across}`;
};
viewer.addHandler("animation", tell);
viewer.addHandler("open", () => {
  holder.dataset.open = "yes";
  tell();
});
viewer.addHandler("tile-drawn", () => {
  holder.dataset.drawn = String(Number(holder.dataset.drawn ?? 0) + 1);
});
for (const each of document.querySelectorAll("[data-zoom]")) {
  each.addEventListener("click", () => viewer.viewport.zoomBy(Number(each.dataset.zoom)).applyConstraints());
}
document.querySelector("[data-home]").addEventListener("click", () => viewer.viewport.goHome());
