// Live clocks: time left until [data-due], time passed since [data-since].
import { say } from "./mount.js";

const MINUTE = 60_000;

export function span(ms) {
  const total = Math.floor(ms / MINUTE);
  if (total < 1) return say("under_a_minute");
  if (total < 60) return say("minutes", { minutes: total });
  const allHours = Math.floor(total / 60);
  if (allHours < 24) return say("hours", { hours: allHours, minutes: total % 60 });
  const days = Math.floor(allHours / 24);
  const hours = allHours % 24;
  return days < 7 && hours ? say("days_hours", { days, hours }) : say("days", { days });
}

function write(clock, state, words) {
  if (clock.dataset.state !== state) clock.dataset.state = state;
  const place = clock.querySelector("[data-words]");
  if (place && place.textContent !== words) place.textContent = words;
}

function tick() {
  const now = Date.now();
  for (const clock of document.querySelectorAll("[data-due]")) {
    const left = Date.parse(clock.dataset.due) - now;
    if (left < 0) {
      write(clock, "over", left > -MINUTE ? say("just_over") : say("over", { span: span(-left) }));
    } else {
      write(clock, left <= Number(clock.dataset.warn || 15) * MINUTE ? "soon" : "calm", say("left", { span: span(left) }));
    }
  }
  for (const clock of document.querySelectorAll("[data-since]")) {
    const passed = now - Date.parse(clock.dataset.since);
    const { warn, over } = clock.dataset;
    const state = over && passed >= over * MINUTE ? "over" : warn && passed >= warn * MINUTE ? "soon" : "calm";
    write(clock, state, span(Math.max(0, passed)));
  }
}

tick();
setInterval(tick, 10_000);
document.addEventListener("htmx:load", tick);
document.addEventListener("visibilitychange", tick);
