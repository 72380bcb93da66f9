// A wide drawing whose newest part stands at its right opens there; older parts are a swipe away.
// Usage: <div data-scroll-end> around what is wider than its place.

for (const holder of document.querySelectorAll("[data-scroll-end]")) holder.scrollLeft = holder.scrollWidth;
