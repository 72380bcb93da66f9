// A signature on a canvas, kept as a PNG data URL in the hidden input beside it.
import { mount, say } from "./mount.js";

mount("[data-signature]", (field) => {
  const canvas = field.querySelector("canvas");
  const hidden = field.querySelector("input[type=hidden]");
  const pen = canvas.getContext("2d");
  let last = null;
  let drawn = false;

  const fit = () => {
    const { width, height } = canvas.getBoundingClientRect();
    const scale = Math.min(window.devicePixelRatio || 1, 2);
    if (!width || canvas.width === Math.round(width * scale)) return;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    pen.scale(scale, scale);
    pen.lineWidth = 2.4;
    pen.lineCap = "round";
    pen.lineJoin = "round";
    pen.strokeStyle = "#10201c";
    drawn = false;
    hidden.value = "";
  };

  const point = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };

  canvas.addEventListener("pointerdown", (event) => {
    fit();
    canvas.setPointerCapture(event.pointerId);
    last = point(event);
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!last) return;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) {
      const next = point(each);
      pen.beginPath();
      pen.moveTo(...last);
      pen.lineTo(...next);
      pen.stroke();
      last = next;
    }
    drawn = true;
  });
  for (const type of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(type, () => {
      if (last && drawn) hidden.value = canvas.toDataURL("image/png");
      last = null;
    });
  }
  field.querySelector("[data-clear]").addEventListener("click", () => {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    drawn = false;
    hidden.value = "";
  });
  canvas.closest("form")?.addEventListener(
    "submit",
    (event) => {
      if (!("required" in field.dataset) || hidden.value) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      field.querySelector(".help").textContent = say("sign");
      field.classList.add("field-bad");
      hidden.dispatchEvent(new Event("invalid"));
      canvas.focus();
    },
    true,
  );
  fit();
  window.addEventListener("resize", () => !drawn && fit());
});
