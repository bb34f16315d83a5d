// Scripts only improve pages that already work without them. This one is sent as one module with that of GOV.UK
// Frontend, whose `initAll` it calls, and with timer.js: tithe/developers/files.py.
initAll();

// A list with a tick-all box: the box appears only where it can work.
for (const all of document.querySelectorAll("[data-tick-all]")) {
  all.closest("[hidden]").hidden = false;
  all.addEventListener("change", () => {
    for (const box of document.querySelectorAll(`input[name="${all.dataset.tickAll}"]`)) box.checked = all.checked;
  });
}

// What the week's page keeps of unsaved work is not for whoever uses this browser next.
document.querySelector('form[action$="/sign-out"]')?.addEventListener("submit", () => {
  for (const key of Object.keys(localStorage)) if (key.startsWith("tithe-week ")) localStorage.removeItem(key);
});
