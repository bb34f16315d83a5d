// The queue of weeks to approve: one button ticks what is usual, and keys work while something in the list has focus.
const inbox = document.querySelector("[data-inbox]");
if (inbox) {
  const rows = [...inbox.querySelectorAll("[data-week]")];
  const box = (row) => row.querySelector("input[type=checkbox]");
  inbox.querySelector("[data-keys]").hidden = false;

  inbox.querySelector("[data-tick-usual]")?.addEventListener("click", (event) => {
    event.preventDefault();
    for (const usual of inbox.querySelectorAll("[data-usual]")) usual.checked = true;
  });

  const go = (row, step) => {
    const next = rows[rows.indexOf(row) + step];
    if (next) { box(next).focus(); next.scrollIntoView({ block: "nearest" }); }
  };
  const actions = {
    j: (row) => go(row, 1), ArrowDown: (row) => go(row, 1),
    k: (row) => go(row, -1), ArrowUp: (row) => go(row, -1),
    x: (row) => { box(row).checked = !box(row).checked; },
    o: (row) => row.querySelector("a").click(),
    a: () => inbox.requestSubmit(inbox.querySelector("button:not([form])")),
  };
  inbox.addEventListener("keydown", (event) => {
    const row = event.target.closest("[data-week]");
    const act = actions[event.key];
    if (!row || !act || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    act(row);
  });
}
