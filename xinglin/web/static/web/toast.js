// Messages that pass. `toast({tone, text})`; errors stay until they are closed.
import { say } from "./mount.js";

const ICONS = { critical: "alert-octagon", warning: "alert-triangle", ok: "check-circle", info: "info", neutral: "dot" };
const LIFE = 6000;

export function sprite(name) {
  const known = document.querySelector("use[href*='icons']")?.getAttribute("href") ?? "/static/web/icons.svg#";
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${known.split("#")[0]}#${name}`);
  svg.append(use);
  return svg;
}

export function toast({ tone = "info", text = "", stays = tone === "critical" } = {}) {
  const box = document.createElement("div");
  box.className = "notice toast";
  box.dataset.tone = tone in ICONS ? tone : "info";
  box.setAttribute("role", tone === "critical" ? "alert" : "status");
  const body = document.createElement("div");
  body.className = "notice-body";
  body.textContent = text;
  const close = document.createElement("button");
  close.className = "tool";
  close.type = "button";
  close.dataset.dismiss = "";
  close.setAttribute("aria-label", say("close"));
  close.append(sprite("x"));
  box.append(sprite(ICONS[box.dataset.tone]), body, close);
  show(box, stays);
}

export function show(element, stays = false) {
  const holder = document.getElementById("toasts");
  if (!holder) return;
  while (holder.children.length > 3) holder.firstElementChild.remove();
  holder.append(element);
  if (!stays) setTimeout(() => element.remove(), LIFE);
}
