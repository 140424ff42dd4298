// A list of suggestions above a text field, steered from the field's keys while the field keeps the focus.

import { element } from "./dom.js";

export function suggestionList(id, label, input) {
  const list = element("div", { class: "suggestion-list", role: "listbox", id, "aria-label": label });
  const node = element("div", { class: "suggestions", hidden: true }, list);
  let items = [];
  let active = -1;

  // The field keeps the focus, so that a phone's keyboard stays and typing goes on.
  node.addEventListener("pointerdown", (event) => event.preventDefault());

  function mark() {
    [...list.querySelectorAll("[role=option]")].forEach((option, index) => {
      option.setAttribute("aria-selected", String(index === active));
      if (index === active) option.scrollIntoView({ block: "nearest" });
    });
    if (active >= 0) input.setAttribute("aria-activedescendant", `${id}-${active}`);
    else input.removeAttribute("aria-activedescendant");
  }

  // A text area cannot be a combobox by name, so only a one-line field says that it is open.
  const expanded = (isOpen) => input.getAttribute("role") === "combobox" && input.setAttribute("aria-expanded", String(isOpen));

  return {
    node,
    /** Items are { label, description?, detail?, pick() }; `active` is the marked one or -1. */
    show(newItems, { active: first = -1, empty = "" } = {}) {
      items = newItems;
      active = items.length ? first : -1;
      list.replaceChildren(...items.map((item, index) => {
        const option = element("div", { class: "suggestion", role: "option", id: `${id}-${index}`, "aria-selected": "false" },
          element("span", { class: "suggestion-label" }, item.label, item.detail ? element("span", { class: "suggestion-detail", text: item.detail }) : null),
          item.description ? element("span", { class: "suggestion-description", text: item.description }) : null);
        option.addEventListener("click", () => item.pick());
        return option;
      }));
      if (!items.length && empty) list.append(element("div", { class: "suggestion-empty", text: empty }));
      node.hidden = !items.length && !empty;
      expanded(!node.hidden);
      mark();
    },
    close() {
      items = [];
      active = -1;
      node.hidden = true;
      expanded(false);
      input.removeAttribute("aria-activedescendant");
    },
    isOpen: () => !node.hidden,
    hasActive: () => active >= 0,
    /** Handles a key of the field; true when the key is used up. */
    handleKey(event) {
      if (node.hidden) return false;
      const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
      if (step && items.length) {
        event.preventDefault();
        active = Math.abs(step) === 1 ? (active + step + items.length) % items.length : Math.min(Math.max(active + step, 0), items.length - 1);
        mark();
        return true;
      }
      if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey && active >= 0) {
        event.preventDefault();
        items[active].pick(event.key);
        return true;
      }
      return false;
    },
  };
}
