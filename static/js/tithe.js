// Scripts only improve pages that already work without them.
import { initAll } from "../govuk/govuk-frontend.min.js";

initAll();

// A list with a tick-all box: the box appears only where it can work.
for (const all of document.querySelectorAll("[data-tick-all]")) {
  all.closest("[hidden]").hidden = false;
  all.addEventListener("change", () => {
    for (const box of document.querySelectorAll(`input[name="${all.dataset.tickAll}"]`)) box.checked = all.checked;
  });
}

// The week: running totals as durations are typed. The server reads and checks them all again.
const grid = document.querySelector("[data-week-grid]");
if (grid) {
  const minutes = (text) => {
    const words = text.trim().toLowerCase().replace("½", ".5").replace("¼", ".25").replace("¾", ".75");
    let found;
    if ((found = words.match(/^(\d{1,2}):([0-5]\d)$/))) return found[1] * 60 + +found[2];
    if ((found = words.match(/^(\d{1,4})\s*m(in(ute)?s?)?$/))) return +found[1];
    if ((found = words.match(/^(\d{1,2})\s*h\w*\s*([0-5]?\d)/))) return found[1] * 60 + +found[2];
    if ((found = words.match(/^(\d*[.,]?\d*)\s*(h\w*)?$/)) && found[1]) return Math.round(parseFloat(found[1].replace(",", ".")) * 60);
    return 0;
  };
  const clock = (total) => `${Math.floor(total / 60)}:${String(total % 60).padStart(2, "0")}`;
  const sum = (boxes) => [...boxes].reduce((total, box) => total + minutes(box.value), 0);
  const show = () => {
    for (const cell of grid.querySelectorAll("[data-row-total]")) {
      cell.textContent = clock(sum(cell.closest("tr").querySelectorAll("input[data-day]")));
    }
    for (const cell of grid.querySelectorAll("[data-day-total]")) {
      cell.textContent = clock(sum(grid.querySelectorAll(`input[data-day="${cell.dataset.dayTotal}"]`)));
    }
    grid.querySelector("[data-week-total]").textContent = clock(sum(grid.querySelectorAll("input[data-day]")));
  };
  grid.addEventListener("input", show);
  grid.addEventListener("keydown", (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!step || !event.target.dataset.day) return;
    const column = [...grid.querySelectorAll(`input[data-day="${event.target.dataset.day}"]`)];
    const next = column[column.indexOf(event.target) + step];
    if (next) { next.focus(); next.select(); event.preventDefault(); }
  });
}
