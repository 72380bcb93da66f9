// How many CSS pixels a millimetre is on this screen: 96/25.4 by definition, more or less in truth.

import { button, make } from "./ecg-pieces.js";

export const CSS_PX_PER_MM = 96 / 25.4;
const CARD_MM = 85.6; // long side of a bank card (ISO/IEC 7810 ID-1)
const KEPT_AS = "xinglin-ecg-screen";
const [LEAST, MOST] = [0.5, 2];

/** The factor measured on this screen before, or 1. */
export function storedCalibration() {
  try {
    const value = Number(localStorage.getItem(KEPT_AS));
    return value >= LEAST && value <= MOST ? value : 1;
  } catch {
    return 1;
  }
}

function store(value) {
  try {
    localStorage.setItem(KEPT_AS, String(value));
  } catch {
    // a browser that keeps nothing: the calibration holds for this page
  }
}

/** Ask for the bar that is as long as a bank card, then tell `viewer`. */
export function askCalibration(viewer, say) {
  const dialog = make("dialog", "ecg-dialog");
  const holder = make("div", "ecg-card-holder");
  const bar = holder.appendChild(make("div", "ecg-card", say.cardBar));
  const slider = make("input");
  Object.assign(slider, { type: "range", min: String(LEAST), max: String(MOST), step: "0.005", ariaLabel: say.calibrate });
  const apply = (value) => {
    slider.value = String(value);
    bar.style.width = `${CARD_MM * CSS_PX_PER_MM * value}px`;
  };
  slider.addEventListener("input", () => apply(Number(slider.value)));
  const row = make("div", "ecg-group");
  row.append(button(say.reset, () => apply(1)), button(say.done, () => dialog.close()));
  dialog.addEventListener("close", () => {
    const value = Number(slider.value);
    store(value);
    dialog.remove();
    viewer.recalibrated(value);
  });
  apply(viewer.calibration);
  dialog.append(make("p", "", say.card), holder, slider, row);
  viewer.append(dialog);
  dialog.showModal();
}
