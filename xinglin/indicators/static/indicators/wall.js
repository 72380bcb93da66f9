// The wall: one page after the other, and news every minute. While nobody answers, what is shown stays and says so.

const wall = document.getElementById("wall");
const lost = document.getElementById("wall-lost");
const asOf = document.getElementById("wall-as-of");
const stays = Number(wall.dataset.stays) * 1000;
const asks = Number(wall.dataset.asks) * 1000;
let at = 0;

function turn(by) {
  const pages = wall.querySelectorAll("[data-page]");
  if (!pages.length) return;
  at = (at + by + pages.length) % pages.length;
  pages.forEach((page, n) => page.toggleAttribute("hidden", n !== at));
}

async function ask() {
  try {
    const answer = await fetch(wall.dataset.url, { credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(30000) });
    // who set it up may no more, or it was ended: nothing of it stays on the wall
    if (answer.status === 401 || answer.status === 403) return window.location.reload();
    if (!answer.ok) throw new Error(answer.status);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".wall-pages");
    if (!fresh) throw new Error("empty");
    wall.replaceChildren(fresh);
    asOf.textContent = `${asOf.dataset.words} ${fresh.dataset.asOf || "—"}`;
    lost.hidden = true;
    turn(0);
  } catch {
    lost.hidden = false;
  }
}

document.documentElement.dataset.rotates = "";
turn(0);
setInterval(() => turn(1), stays);
if (asks) setInterval(ask, asks);
window.addEventListener("offline", () => (lost.hidden = false));
window.addEventListener("online", () => asks && ask());
document.addEventListener("keydown", (event) => {
  if (event.key === "ArrowRight") turn(1);
  if (event.key === "ArrowLeft") turn(-1);
});
