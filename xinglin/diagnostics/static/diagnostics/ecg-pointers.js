// What mouse and fingers do on the stage: wheel and pinch zoom, drag moves the sheet, a click chooses a lead.

/** Zoom and move `viewer` (its stage, zoom, zoomTo and choose) by pointer. */
export function listenToPointers(viewer) {
  const { stage } = viewer;
  stage.addEventListener("wheel", (event) => wheel(viewer, event), { passive: false });
  stage.addEventListener("pointerdown", (event) => drag(viewer, event));
  stage.addEventListener("touchstart", (event) => pinch(viewer, event), { passive: false });
}

function wheel(viewer, event) {
  if (!event.ctrlKey && !event.metaKey) return;
  event.preventDefault();
  const box = viewer.stage.getBoundingClientRect();
  viewer.zoomTo(viewer.zoom * Math.exp(-event.deltaY / 400), event.clientX - box.left, event.clientY - box.top);
}

// A finger scrolls by itself; only the mouse has to move the sheet.
function drag(viewer, event) {
  if (event.button || event.target.closest(".ecg-line")) return;
  const from = { x: event.clientX, y: event.clientY, left: viewer.stage.scrollLeft, top: viewer.stage.scrollTop };
  let moved = false;
  const ended = new AbortController();
  const move = (now) => {
    moved ||= Math.hypot(now.clientX - from.x, now.clientY - from.y) > 5;
    if (moved && event.pointerType === "mouse") viewer.stage.scrollTo(from.left - now.clientX + from.x, from.top - now.clientY + from.y);
  };
  const drop = (now) => {
    ended.abort();
    if (now.type === "pointerup" && !moved) viewer.choose(now);
  };
  window.addEventListener("pointermove", move, { signal: ended.signal });
  window.addEventListener("pointerup", drop, { signal: ended.signal });
  window.addEventListener("pointercancel", drop, { signal: ended.signal });
}

function pinch(viewer, event) {
  if (event.touches.length !== 2) return;
  event.preventDefault();
  const apart = ({ touches: [a, b] }) => Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
  const [zoom, begin] = [viewer.zoom, apart(event)];
  const ended = new AbortController();
  const move = (now) => {
    if (now.touches.length !== 2) return;
    now.preventDefault();
    const box = viewer.stage.getBoundingClientRect();
    const [a, b] = now.touches;
    viewer.zoomTo((zoom * apart(now)) / begin, (a.clientX + b.clientX) / 2 - box.left, (a.clientY + b.clientY) / 2 - box.top);
  };
  viewer.stage.addEventListener("touchmove", move, { passive: false, signal: ended.signal });
  for (const end of ["touchend", "touchcancel"]) viewer.stage.addEventListener(end, () => ended.abort(), { signal: ended.signal });
}
