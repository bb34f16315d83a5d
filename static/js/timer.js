// The running timer: its minutes move on while the page is open. What counts is what the server reckons at the end.
const run = (shown) => {
  const started = Date.parse(shown.dataset.started);
  const until = Date.parse(shown.dataset.until);
  const show = () => {
    const minutes = Math.max(0, Math.round((Math.min(Date.now(), until) - started) / 60000));
    shown.textContent = `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
  };
  setInterval(show, 5000);
};
for (const shown of document.querySelectorAll("[data-timer]")) run(shown);

// On the page of a week the bar takes the place of the link to the timer's own page.
const slot = document.querySelector("[data-timer-slot]");
if (slot) {
  const answer = await fetch(slot.dataset.timerSlot).catch(() => null);
  const page = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
  const bar = page && page.querySelector(".tithe-timer");
  if (bar) {
    slot.replaceChildren(document.adoptNode(bar));
    run(slot.querySelector("[data-timer]"));
  }
}
