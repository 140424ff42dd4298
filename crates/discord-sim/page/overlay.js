// What lies over the page for a moment: toasts, menus (a sheet on a phone, a popup on a desk), question boxes.

import { element, icon, iconButton } from "./dom.js";

/** A short notice, perhaps with one thing to press: `{ label, onClick }`. Problems stay longer and are announced at once. */
export function toast(text, kind = "info", action = null) {
  const holder = document.getElementById("toasts");
  const note = element("div", { class: `toast toast-${kind}`, role: kind === "problem" ? "alert" : "status" },
    element("span", { class: "toast-text", text }),
    action ? element("button", { type: "button", class: "button button-primary", text: action.label, on: { click: () => (note.remove(), action.onClick()) } }) : null,
    iconButton("close", "Dismiss the notice", () => note.remove()));
  for (const same of [...holder.children]) if (same.querySelector(".toast-text").textContent === text) same.remove();
  // A modal dialog hides the rest of the page, so a notice about it belongs inside.
  (document.querySelector("dialog.form[open]") ?? holder).append(note);
  while (holder.children.length > 3) holder.firstChild.remove();
  setTimeout(() => note.remove(), kind === "problem" || action ? 12000 : kind === "good" ? 2500 : 5000);
  return note;
}

/** Takes all notices away, for instance when they belong to somebody else. */
export function clearToasts() {
  document.getElementById("toasts").replaceChildren();
}

const isPhone = () => matchMedia("(max-width: 760px)").matches;

/**
 * Opens `content` as a sheet (phone) or beside `anchor` (desktop). Returns the dialog.
 * Esc, a press outside and `close()` shut it; the focus goes back to where it came from.
 */
export function popup(anchor, label, content, className = "") {
  const sheet = element("dialog", { class: `popup ${className}`, "aria-label": label }, content);
  sheet.addEventListener("click", (event) => event.target === sheet && sheet.close());
  sheet.addEventListener("close", () => sheet.remove());
  document.body.append(sheet);
  sheet.showModal();
  if (!isPhone() && anchor) place(sheet, anchor);
  return sheet;
}

function place(sheet, anchor) {
  const spot = anchor instanceof Element ? anchor.getBoundingClientRect() : anchor;
  const size = sheet.getBoundingClientRect();
  const gap = 6;
  const below = spot.bottom + gap + size.height <= innerHeight;
  const top = below ? spot.bottom + gap : Math.max(gap, spot.top - gap - size.height);
  const left = Math.min(Math.max(gap, spot.left), innerWidth - size.width - gap);
  Object.assign(sheet.style, { position: "fixed", margin: "0", top: `${top}px`, left: `${left}px`, bottom: "auto", right: "auto" });
}

/** Moves the focus with the arrow keys among the buttons of a box. */
export function arrowKeys(box, selector = "button:not([disabled])") {
  box.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!step || event.target.matches("input, textarea")) return;
    const all = [...box.querySelectorAll(selector)];
    const index = all.indexOf(document.activeElement);
    all[(index + step + all.length) % all.length]?.focus();
    event.preventDefault();
  });
}

/** A menu: items { label, icon?, hint?, danger?, current?, disabled?, onClick } or { heading }. */
export function menu(anchor, label, items) {
  const box = element("div", { class: "menu", role: "group", "aria-label": label });
  const sheet = popup(anchor, label, element("div", {}, element("div", { class: "popup-title", text: label }), box));
  for (const item of items) {
    if (item.heading) {
      box.append(element("div", { class: "menu-heading", text: item.heading }));
      continue;
    }
    const button = element("button", { type: "button", class: `menu-item${item.danger ? " danger" : ""}${item.current ? " current" : ""}`, "aria-current": item.current ? "true" : null, disabled: item.disabled },
      item.lead ?? (item.icon ? icon(item.icon) : null),
      element("span", { class: "menu-words" }, element("span", { text: item.label }), item.hint ? element("small", { text: item.hint }) : null),
      item.tail ?? null);
    button.addEventListener("click", () => {
      sheet.close();
      item.onClick();
    });
    box.append(button);
  }
  arrowKeys(box);
  (box.querySelector(".current") ?? box.querySelector("button:not([disabled])"))?.focus();
  if (!isPhone() && anchor) place(sheet, anchor);
  return sheet;
}

/** Picks among `options` {value, label, description, emoji, isDefault}; answers the values or null. */
export function choose(anchor, label, options, { min, max }) {
  return new Promise((resolve) => {
    const several = max > 1 || min === 0;
    const picked = new Set(options.filter((option) => option.isDefault).map((option) => option.value));
    const box = element("div", { class: "menu", role: "group", "aria-label": label });
    const body = element("div", { class: "choose" }, element("div", { class: "popup-title", text: label }));
    let answer = null;
    if (options.length > 9) {
      const filter = element("input", { type: "search", class: "menu-filter", placeholder: "Search", "aria-label": "Search the options" });
      filter.addEventListener("input", () => {
        const wanted = filter.value.trim().toLowerCase();
        for (const item of box.children) item.hidden = !item.textContent.toLowerCase().includes(wanted);
      });
      filter.addEventListener("keydown", (event) => event.key === "ArrowDown" && box.querySelector("button:not([hidden])")?.focus());
      body.append(filter);
    }
    body.append(box);
    const done = element("button", { type: "button", class: "button button-1 choose-done" });
    const sheet = popup(anchor, label, body);
    const refresh = () => {
      for (const item of box.children) item.setAttribute("aria-pressed", String(picked.has(item.dataset.value)));
      const count = picked.size;
      done.textContent = count < min ? `Pick ${min - count} more` : count === 0 ? "Choose nothing" : `Done (${count})`;
      done.disabled = count < min || count > max;
    };
    for (const option of options) {
      const item = element("button", { type: "button", class: "menu-item", data: { value: option.value } },
        several ? element("span", { class: "tick", "aria-hidden": "true" }, icon("check")) : null,
        option.emoji ? element("span", { class: "menu-emoji", text: option.emoji }) : null,
        element("span", { class: "menu-words" }, element("span", { text: option.label }), option.description ? element("small", { text: option.description }) : null),
        !several && option.isDefault ? icon("check") : null);
      item.addEventListener("click", () => {
        if (!several) {
          answer = [option.value];
          sheet.close();
          return;
        }
        if (picked.has(option.value)) picked.delete(option.value);
        else if (max === 1) (picked.clear(), picked.add(option.value));
        else if (picked.size < max) picked.add(option.value);
        else toast(`At most ${max} can be picked.`, "problem");
        refresh();
      });
      box.append(item);
    }
    if (several) {
      done.addEventListener("click", () => {
        answer = [...picked];
        sheet.close();
      });
      body.append(done);
      refresh();
    }
    if (!options.length) box.append(element("p", { class: "menu-empty", text: "There is nothing to choose from." }));
    arrowKeys(box, "button:not([hidden])");
    box.querySelector("button")?.focus();
    sheet.addEventListener("close", () => resolve(answer));
    if (!isPhone()) place(sheet, anchor);
  });
}

/** Asks a yes/no question; answers true or false. */
export function ask(title, text, yes) {
  return new Promise((resolve) => {
    const sheet = element("dialog", { class: "form question", "aria-labelledby": "question-title" });
    const finish = (answer) => () => {
      resolve(answer);
      sheet.close();
    };
    sheet.append(element("div", { class: "form-body" },
      element("h2", { id: "question-title", text: title }),
      element("p", { text }),
      element("div", { class: "form-buttons" },
        element("button", { type: "button", class: "button button-2", text: "Cancel", on: { click: finish(false) } }),
        element("button", { type: "button", class: "button button-4", text: yes, on: { click: finish(true) } }))));
    sheet.addEventListener("close", () => {
      resolve(false);
      sheet.remove();
    });
    document.body.append(sheet);
    sheet.showModal();
  });
}
