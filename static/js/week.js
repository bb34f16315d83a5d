// The week: totals and room as durations are typed, keys, checks at rest, and a copy of unsaved work in this browser.
// The page does all but the last two without it; the server reads and checks everything again.
const form = document.querySelector("[data-week-form]");
const grid = form.querySelector("[data-week-grid]");
const times = [...grid.querySelectorAll("input")];
const fields = [...grid.querySelectorAll("input, textarea")];
const days = [...grid.tBodies[0].rows];
const columnOf = (box) => box.closest("td").cellIndex;
const noteOf = (box) => box.parentElement.querySelector("textarea");

// Reading durations, for the totals only.
const WORDS = /^(\S+(?:\s+\d\S*|\s+(?:h|hr|hrs|hours?|m|mins?|minutes?)\b)*)\s+([a-z].*)$/i;
const parse = (text) => {
  const words = text.trim().toLowerCase().replace("½", ".5").replace("¼", ".25").replace("¾", ".75");
  let found;
  if ((found = words.match(/^(\d{1,2}):([0-5]\d)$/))) return found[1] * 60 + +found[2];
  if ((found = words.match(/^(\d{1,4})\s*m(in(ute)?s?)?$/))) return +found[1];
  if ((found = words.match(/^(\d{1,2})\s*h\w*\s*([0-5]?\d)\s*(m\w*)?$/))) return found[1] * 60 + +found[2];
  if ((found = words.match(/^(\d*[.,]?\d*)\s*(h\w*)?$/)) && /\d/.test(found[1])) return Math.round(parseFloat(found[1].replace(",", ".")) * 60);
  return 0;
};
const minutes = (box) => parse(box.value) || parse((box.value.match(WORDS) || ["", ""])[1]);
const clock = (total) => `${Math.floor(total / 60)}:${String(total % 60).padStart(2, "0")}`;
const sum = (boxes) => boxes.reduce((total, box) => total + minutes(box), 0);

const show = () => {
  for (const day of days) {
    const cell = day.querySelector("[data-day-total]"), left = day.querySelector("[data-left]");
    const total = sum([...day.querySelectorAll("input")]);
    cell.textContent = clock(total);
    cell.parentElement.classList.toggle("is-empty", !total);
    if (!left) continue;
    const over = total - left.dataset.left;
    left.textContent = over > 0 ? `${clock(over)} over` : `${clock(-over)} left`;
    left.classList.toggle("is-over", over > 0);
  }
  for (const cell of grid.querySelectorAll("[data-row-total]")) {
    cell.textContent = clock(sum(times.filter((box) => columnOf(box) === columnOf(cell))));
  }
  const heads = grid.tHead.rows[0].cells, isTithed = (box) => "tithed" in heads[columnOf(box)].dataset;
  const tithed = sum(times.filter(isTithed)), rest = sum(times) - tithed;
  grid.querySelector("[data-week-total]").textContent = clock(tithed);
  const other = grid.querySelector("[data-week-other]");
  other.hidden = !rest;
  other.textContent = `and ${clock(rest)} that is not from your allowance`;
};

// Keys. A day is a row of the table and a column on a wide screen.
const step = (box, byDay, byRow) => {
  const cell = box.closest("td");
  let day = days.indexOf(cell.parentElement), row = cell.cellIndex;
  do {
    day += byDay;
    row += byRow;
    const next = days[day]?.cells[row]?.querySelector("input");
    if (next) return next;
  } while (days[day]?.cells[row]);
  return null;
};
const onward = (box) => step(box, 0, 1) || times.find((each) => each.closest("tr").rowIndex > box.closest("tr").rowIndex);
const go = (event, box) => {
  if (!box) return;
  event.preventDefault();
  box.focus();
};
const put = (box, value) => {
  box.value = value;
  box.dispatchEvent(new Event("input", { bubbles: true }));
};
const repeat = (box) => {
  for (let before = step(box, -1, 0); before; before = step(before, -1, 0)) {
    if (!before.value) continue;
    put(box, before.value);
    if (!noteOf(box).value) put(noteOf(box), noteOf(before).value);
    return;
  }
};
const inTime = (event, box) => {
  const whole = box.selectionStart === 0 && box.selectionEnd === box.value.length;
  if (event.key === "ArrowUp") go(event, step(box, 0, -1));
  else if (event.key === "ArrowDown") go(event, step(box, 0, 1));
  else if (event.key === "ArrowLeft" && (whole || box.selectionEnd === 0)) go(event, step(box, -1, 0));
  else if (event.key === "ArrowRight" && (whole || box.selectionStart === box.value.length)) go(event, step(box, 1, 0));
  else if (event.key === "Escape") { put(box, box.dataset.before || ""); box.select(); }
};
form.addEventListener("keydown", (event) => {
  const box = event.target, command = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
  if (command && event.key.toLowerCase() === "s") {
    event.preventDefault();
    box.blur(); // words after a time move to its note
    form.requestSubmit(form.querySelector(".tithe-save [value=save]"));
  } else if (!fields.includes(box)) {
    return;
  } else if (command && event.key.toLowerCase() === "d" && times.includes(box)) {
    event.preventDefault();
    repeat(box);
  } else if (event.key === "Enter" && !command) {
    event.preventDefault();
    go(event, onward(box.parentElement.querySelector("input")));
  } else if (times.includes(box) && !command && !event.altKey && !event.shiftKey) {
    inTime(event, box);
  }
});
grid.addEventListener("focusin", ({ target }) => {
  if (!times.includes(target)) return;
  target.dataset.before = target.value;
  target.select();
});
grid.addEventListener("change", ({ target }) => {
  const found = times.includes(target) && !noteOf(target).value && !parse(target.value) && target.value.match(WORDS);
  if (!found || !parse(found[1])) return;
  put(noteOf(target), found[2]);
  put(target, found[1]);
});

// Checks: what would keep the week from being submitted, asked of the server when the typing rests.
const region = form.querySelector("[data-week-checks]");
const element = (name, text, more = {}) => Object.assign(document.createElement(name), { textContent: text, ...more });
const whyOf = (name, number) => `${name}-why-${number + 1}`; // the sentence in the list that a cell has in brief
const mark = (box, words, brief, cover) => {
  const cell = box.parentElement, id = `${box.name}-error`;
  document.getElementById(id)?.remove();
  cell.classList.remove("has-error");
  box.classList.remove("govuk-input--error");
  cell.classList.toggle("has-warning", words.length > 0);
  box.setAttribute("aria-describedby", ["how", ...(words.length ? [id] : []), ...words.map((_, number) => whyOf(box.name, number)), ...(cover ? [`${box.name}-cover`] : [])].join(" "));
  if (words.length) cell.append(element("small", brief, { id }));
  cell.querySelector("[data-cover]")?.remove();
  if (cover) cell.append(element("small", COVER, { className: "tithe-stored" }));
  if (cover) cell.lastChild.dataset.cover = "";
};
const COVER = "No cover";
const line = (words, id, href) => {
  const item = element("li", "");
  item.append(element("a", words, { id, href, className: "govuk-link" }));
  return item;
};
const part = (heading, lines, more = "") => {
  const list = element("ul", "", { className: `govuk-list govuk-list--bullet${more}` });
  list.append(...lines);
  return lines.length ? [element("h2", heading, { className: "govuk-heading-s" }), list] : [];
};
const announce = (found) => {
  const cover = Object.entries(found.cover).map(([name, words]) => line(words, `${name}-cover`, `#${name}`));
  const wrong = found.week.map((words) => element("li", words));
  for (const [name, each] of Object.entries(found.cells)) {
    each.forEach((words, number) => wrong.push(line(words, whyOf(name, number), `#${name}`)));
  }
  const said = [...cover, ...wrong].map((item) => item.textContent).join();
  if (said === [...region.querySelectorAll("li")].map((item) => item.textContent).join()) return;
  region.replaceChildren(...part("Cover of the post you share", cover), ...part("Before you can submit", wrong, " tithe-warnings"));
};
let asked, rest;
const check = async () => {
  asked?.abort();
  asked = new AbortController();
  const body = new FormData(form);
  body.set("action", "check");
  try {
    const answer = await fetch(grid.dataset.check, { method: "POST", body, headers: { Accept: "application/json" }, signal: asked.signal });
    if (answer.redirected) {
      region.replaceChildren(element("p", "You are signed out. What you typed is kept in this browser: sign in again, and this page offers it back.", { className: "govuk-body" }));
    } else if (answer.ok) {
      const found = await answer.json();
      for (const box of times) mark(box, found.cells[box.name] || [], found.brief[box.name], found.cover[box.name]);
      announce(found);
    }
  } catch {
    // No network, or a newer check is under way: what is typed is kept, and saving checks it.
  }
};

// Unsaved work outlives a crash and a session that ended: a copy stays here until this version is saved.
const KEY = `tithe-week ${form.dataset.weekForm}`, WEEK = 7 * 24 * 3600e3;
const version = form.elements.version.value;
const typed = () => Object.fromEntries(fields.filter((field) => field.value).map((field) => [field.name, field.value]));
const same = (one, other) => [...new Set([...Object.keys(one), ...Object.keys(other)])].every((name) => one[name] === other[name]);
const store = (more = {}) => {
  try {
    localStorage.setItem(KEY, JSON.stringify({ version, at: Date.now(), values: typed(), ...more }));
  } catch {
    // A browser that stores nothing: saving works as ever.
  }
};
const stored = () => {
  try {
    return JSON.parse(localStorage.getItem(KEY));
  } catch {
    return null;
  }
};
const restore = (values) => {
  const missing = Object.keys(values).filter((name) => !form.elements[name]).map((name) => name.split("-")[1]);
  const kinds = [...new Set(missing)].filter((kind) => /^[a-z]+$/.test(kind));
  if (kinds.length && !location.search) return void (location.search = `?rows=${kinds.join()}`);
  for (const field of fields) field.value = values[field.name] || "";
  changed();
  return times[0]?.focus();
};
const offer = (kept) => {
  const box = form.querySelector("[data-week-kept]"), when = new Date(kept.at).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
  const button = (text, act) => {
    const made = element("button", text, { type: "button", className: "govuk-button govuk-button--secondary" });
    made.addEventListener("click", () => { box.hidden = true; act(); });
    return made;
  };
  const buttons = element("div", "", { className: "govuk-button-group" });
  buttons.append(button("Put it back", () => restore(kept.values)), button("Throw it away", () => localStorage.removeItem(KEY)));
  const moved = kept.version === version ? "" : " The week was saved elsewhere since then: compare before you save.";
  box.replaceChildren(element("p", `This browser kept what you typed on ${when} and did not save.${moved}`, { className: "govuk-body" }), buttons);
  box.hidden = false;
};
const kept = stored();
if (kept && ((kept.sent && kept.version !== version) || Date.now() - kept.at > WEEK)) localStorage.removeItem(KEY);
else if (kept && !same(kept.values, typed())) offer(kept);
form.addEventListener("submit", ({ submitter }) => store({ sent: ["save", "submit"].includes(submitter?.value) }));

const changed = () => {
  show();
  store();
  clearTimeout(rest);
  rest = setTimeout(check, 300);
};
grid.addEventListener("input", changed);
form.querySelector("[data-week-keys]").hidden = false;
