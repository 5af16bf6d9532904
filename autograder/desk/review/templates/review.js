// Keys, what is sent, and what others changed. No page needs more script than this.
"use strict";
const body = document.body, by = id => document.getElementById(id), here = body.dataset;
const POLL = 500; // milliseconds
const words = JSON.parse(here.words); // by the English sentence, what the page says
const t = (sentence, parts = {}) => (words[sentence] ?? sentence).replace(/\{(\w+)\}/g, (_, name) => parts[name]);

function say(id, text) {
  for (const one of ["said", "problem"]) by(one).hidden = one !== id || !text;
  by(id).textContent = text;
}

async function send(address, values) {
  try {
    const answer = await fetch(address, {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(values),
    });
    const told = answer.headers.get("content-type")?.includes("json") ? await answer.json() : { problem: await answer.text() };
    if (answer.ok) return told;
    say("problem", told.problem);
  } catch {
    say("problem", t("The app does not answer: nothing was changed, and what you typed is still here."));
  }
  return null;
}

let leaving = false; // for another page, which no reload must stop
function go(key) {
  leaving = true;
  location.href = key ? `/item/${encodeURIComponent(key)}` : "/";
}

let sending = false; // a decision, whose answer no reload must stop either
async function decide(address, values) {
  if (sending) return;
  sending = true;
  const told = await send(address, values);
  if (told) {
    sessionStorage.setItem("said", told.said);
    go(told.next);
  }
  sending = false;
}

const typed = () => ({ points: by("points").value, comment: by("comment").value });

async function mark(others = {}) {
  const seen = { [here.key]: here.version, ...others };
  await decide(`/item/${encodeURIComponent(here.key)}/mark`, { key: here.key, seen, ...typed() });
}

async function offerAll() {
  const others = await (await fetch(`/item/${encodeURIComponent(here.key)}/alike`)).json();
  if (!others.length) return say("problem", t("No other answer with this diagnosis waits for a mark."));
  by("alike-points").textContent = by("points").value || by("points").dataset.has || "?";
  by("alike-comment").textContent = by("comment").value ? `: ${by("comment").value}` : "";
  by("alike-list").replaceChildren(...others.map(one => {
    const row = document.createElement("li"), label = document.createElement("label"), box = document.createElement("input");
    Object.assign(box, { type: "checkbox", checked: true });
    Object.assign(box.dataset, { item: one.key, version: one.version });
    label.append(box, ` ${one.name}: ${one.shown}`);
    row.append(label);
    return row;
  }));
  by("alike").showModal();
  by("alike-go").focus();
}

function markAll() {
  const boxes = [...by("alike-list").querySelectorAll("input:checked")];
  by("alike").close();
  mark(Object.fromEntries(boxes.map(box => [box.dataset.item, box.dataset.version])));
}

async function gradeAgain() {
  by("again").close();
  if (await send(`/item/${encodeURIComponent(here.key)}/again`, { limit: by("limit").value, case: by("case")?.value ?? "" })) watch();
}

async function watch() {
  const told = await (await fetch(`/item/${encodeURIComponent(here.key)}/again`)).json(), place = by("outcome");
  place.hidden = !Object.keys(told).length;
  const [words, message, button] = [place.querySelector("b"), place.querySelector("pre"), place.querySelector("button")];
  words.textContent = "seconds" in told ? t("graded again, {seconds} s …", told) : told.problem ?? t("graded again: {state}", told);
  message.textContent = told.message ?? "";
  Object.assign(button, { hidden: !told.points });
  Object.assign(button.dataset, { points: told.points ?? "", comment: told.message?.split("\n")[0] ?? "" });
  if ("seconds" in told) setTimeout(watch, 2 * POLL);
}

async function assign() {
  await decide(`/item/${encodeURIComponent(here.key)}/assign`, { version: here.version, student: by("student").value });
}

let written = ""; // the comment that lines of a rubric made
function give(button) {
  button.setAttribute("aria-pressed", button.ariaPressed !== "true");
  const lines = [...document.querySelectorAll(".rubric [data-adds]")], given = one => one.ariaPressed === "true" ? +one.dataset.adds : 0;
  by("points").value = +lines.reduce((sum, one) => sum + given(one), 0).toFixed(6);
  if (by("comment").value !== written) return; // somebody's own words stay
  written = lines.map(one => `${given(one)} of ${one.dataset.adds}: ${one.dataset.comment}`).join("; ").slice(0, 600);
  by("comment").value = written;
}

function take(button) {
  if (button.dataset.adds) return give(button);
  by("points").value = button.dataset.points;
  by("comment").value = button.dataset.comment;
}

let saved = 0;
function takeSaved() {
  const list = document.querySelectorAll(".saved li");
  if (list.length) by("comment").value = list[saved++ % list.length].textContent;
}

function step(by_) {
  const links = [...document.querySelectorAll(".items a")], at = links.indexOf(document.activeElement);
  links[Math.min(Math.max(at + by_, 0), links.length - 1)]?.focus();
}

async function tell(values) {
  if (await send("/me", values)) location.reload();
}

let choosing = false; // a line of the mark scheme, by the digit that follows
const forItem = {
  j: () => go(here.after), k: () => go(here.before),
  a: () => { by("points").value = by("points").dataset.has; by("points").focus(); },
  m: () => { by("points").value = by("points").dataset.most; by("points").focus(); },
  c: () => by("comment").focus(), s: takeSaved, t: offerAll,
  r: () => { choosing = true; },
  g: () => { by("again").showModal(); (by("case") ?? by("limit")).focus(); }, Enter: () => mark(),
};
const everywhere = {
  u: () => go(""), z: () => decide("/undo", {}), n: () => tell({ names: !here.names }),
  w: () => { by("who").showModal(); by("who-name").select(); }, "?": () => by("help").showModal(),
};
const forWhose = { j: forItem.j, k: forItem.k, c: () => by("student").focus() };
const forQueue = { j: () => step(1), k: () => step(-1) };

// By the place of the key, so that they work while a Korean keyboard is on.
const named = event => event.key === "?" ? "?" : /^Key[A-Z]$/.test(event.code) ? event.code[3].toLowerCase() : event.key;

function press(name) {
  const keys = { ...everywhere, ...(here.page === "queue" ? forQueue : by("mark") ? forItem : forWhose) };
  if (!Object.hasOwn(keys, name)) return false;
  say("problem", "");
  keys[name]();
  return true;
}

document.addEventListener("keydown", event => {
  const field = event.target.matches("input, textarea"), dialog = document.querySelector("dialog[open]");
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (dialog) {
    if (event.key === "Enter" && dialog.id === "who") { event.preventDefault(); tell({ who: by("who-name").value }); }
    if (event.key === "Enter" && dialog.id === "again") { event.preventDefault(); gradeAgain(); }
    if (event.key === "Enter" && dialog.id === "alike" && event.target.type === "checkbox") { event.preventDefault(); markAll(); }
    return;
  }
  const line = choosing && document.querySelectorAll(".rubric button")[event.key - 1];
  choosing = false;
  if (line) {
    event.preventDefault();
    take(line);
    choosing = "adds" in line.dataset; // so that more digits give more lines
  } else if (field) {
    if (event.key === "Escape") event.target.blur();
    if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); (by("mark") ? mark : assign)(); }
  } else if (/^[0-9]$/.test(event.key) && by("points")) {
    by("points").value = ""; // and the digit follows into the field
    by("points").focus();
  } else if (!(event.key === "Enter" && event.target.matches("a, button, summary")) && press(named(event))) {
    event.preventDefault();
  }
});
document.addEventListener("click", event => {
  const button = event.target.closest("button");
  if (button?.dataset.key) press(button.dataset.key);
  else if (button?.dataset.points || button?.dataset.adds) {
    take(button);
    if (event.detail) button.blur(); // after a click of the mouse Enter marks
  }
  else if (button && "close" in button.dataset) button.closest("dialog").close();
});
by("alike-go")?.addEventListener("click", markAll);
by("assign")?.addEventListener("submit", event => { event.preventDefault(); assign(); });
by("mark")?.addEventListener("submit", event => { event.preventDefault(); mark(); });
say("said", sessionStorage.getItem("said") ?? "");
sessionStorage.removeItem("said");

if (by("outcome")) watch();

function showOthers(others) {
  for (const row of document.querySelectorAll("[data-item]")) {
    const there = others.filter(([, at]) => at === row.dataset.item).map(([who]) => who);
    const place = row.querySelector(".others");
    if (place) place.textContent = there.length ? t("{who} is here", { who: there.join(", ") }) : "";
  }
  const beside = others.filter(([, at]) => at === here.key).map(([who]) => who), place = by("mark")?.querySelector(".others");
  if (place) place.textContent = beside.length ? t("{who} has this open, too", { who: beside.join(", ") }) : "";
}

async function refresh() {
  const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
  const at = document.activeElement?.closest("[data-item]")?.dataset.item;
  by("live").replaceWith(page.getElementById("live"));
  by("left").textContent = page.getElementById("left").textContent;
  document.querySelector(`[data-item="${CSS.escape(at ?? "")}"] a`)?.focus();
}

let trouble = ""; // with what follows in the background
async function listen() {
  try {
    const answer = await fetch(`/changes?at=${encodeURIComponent(here.key ?? "")}`);
    if (!answer.ok) throw new Error(await answer.text());
    const told = await answer.json();
    if (told.stamp !== here.stamp) {
      if (here.page === "queue") await refresh();
      else if (told.version !== here.version && !sending && !leaving) {
        if (by("points")?.value || by("comment")?.value) say("problem", t("Somebody else decided this meanwhile: reload to see it. What you typed is still here."));
        else location.reload();
      }
      here.stamp = told.stamp;
    }
    if (told.problem !== trouble) say("problem", told.problem);
    trouble = told.problem;
    showOthers(told.others);
    body.classList.remove("alone");
  } catch {
    body.classList.add("alone"); // shows that the app does not answer
  }
  setTimeout(listen, POLL);
}
setTimeout(listen, POLL);
