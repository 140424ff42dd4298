// The bar at the top: who one is, the guild's clock, the demo's buttons.

import { avatar, element, icon, isNews } from "./dom.js";
import { guildNow, inUtc, setClock, shortDay, speed, timeWithSeconds, zone } from "./clock.js";
import { menu, toast } from "./overlay.js";
import { pressDemoButton } from "./api.js";

/** `page` answers switchTo(login), toggleDrawer(), attention(login). */
export function createTopBar(root, page) {
  let state = null;
  const guild = element("span", { class: "guild-name" });
  const banner = element("span", { class: "banner" });
  const smallBanner = element("span", { class: "banner-small" }); // the same words where a phone has room for them
  const clock = element("span", { class: "clock-words" });
  const clockBox = element("span", { class: "clock", role: "timer", "aria-live": "off" }, icon("clock"), clock);
  const demo = element("div", { class: "demo-buttons" });
  const demoMenu = element("button", { type: "button", class: "demo-menu", "aria-haspopup": "dialog", hidden: true }, icon("bolt"), element("span", { text: "Demo" }), icon("chevron"));
  const people = element("div", { class: "people", role: "group", "aria-label": "Who you are" });
  const you = element("button", { type: "button", class: "you", "aria-haspopup": "dialog" });
  const drawer = element("button", { type: "button", class: "drawer-button", "aria-controls": "sidebar", "aria-expanded": "false", on: { click: page.toggleDrawer } }, icon("menu"), element("span", { class: "visually-hidden", text: "Channels" }), element("span", { class: "dot", hidden: true }));
  root.replaceChildren(
    element("div", { class: "top-row" }, drawer, element("div", { class: "guild" }, guild, smallBanner), people, you),
    element("div", { class: "top-row top-row-second" }, clockBox, banner, demo, demoMenu));

  async function press(button) {
    const result = await pressDemoButton(button.url);
    if (result.ok) toast(`${button.label} ✓ ${result.text || button.hint || ""}`.trim(), "good");
    else toast(`${button.label}: ${result.text}`, "problem");
  }

  demoMenu.addEventListener("click", () => menu(demoMenu, "Demo", state.buttons.map((button) => ({ label: button.label, hint: button.hint, icon: "bolt", onClick: () => press(button) }))));
  you.addEventListener("click", () => menu(you, "Be somebody else", state.people.map((person) => ({
    label: person.name, hint: person.title, lead: avatar(person.name, person.id), current: person.login === state.you.login,
    tail: page.attention(person.login) ? element("span", { class: "news", text: "new" }) : null,
    onClick: () => page.switchTo(person.login),
  }))));

  function tick() {
    if (!state) return;
    const now = guildNow();
    const { name, short } = zone(now);
    const fast = speed() === 0 ? " · stopped" : speed() !== 1 ? ` · ${Number(speed().toFixed(1))}×` : "";
    clock.replaceChildren(element("strong", { text: timeWithSeconds(now) }), ` ${short}`, element("span", { class: "clock-day", text: ` · ${shortDay(now)}` }), element("span", { class: "clock-speed", text: fast }, speed() > 0 && speed() !== 1 ? element("span", { class: "clock-word", text: " speed" }) : null));
    clockBox.title = `${inUtc(now)}. Times on this page are ${name} time.`;
  }
  setInterval(tick, 500);

  function showPeople() {
    const me = state.you.login;
    if (!isNews(people, [me, state.people, state.people.map((person) => Boolean(page.attention(person.login)))])) return;
    const chips = state.people.map((person) => {
      const news = page.attention(person.login);
      const chip = element("button", { type: "button", class: "person", "aria-pressed": String(person.login === me), title: `Be ${person.name}, ${person.title}`, data: { login: person.login }, on: { click: () => page.switchTo(person.login) } },
        avatar(person.name, person.id),
        element("span", { class: "person-words" }, element("span", { class: "person-name", text: person.name }), element("span", { class: "person-title", text: person.title })),
        news ? element("span", { class: "dot" }, element("span", { class: "visually-hidden", text: "has something new" })) : null);
      return chip;
    });
    const focused = people.contains(document.activeElement) ? document.activeElement.dataset.login : null;
    people.replaceChildren(...chips);
    chips.find((chip) => chip.dataset.login === focused)?.focus();
    const other = state.people.some((person) => person.login !== me && page.attention(person.login));
    you.replaceChildren(avatar(state.you.name, state.you.id), element("span", { class: "person-words" },
      element("span", { class: "person-name", text: state.you.name }), element("span", { class: "person-title", text: state.you.title })), icon("chevron"),
      other ? element("span", { class: "dot" }) : "");
    you.setAttribute("aria-label", `You are ${state.you.name}, ${state.you.title}. Be somebody else${other ? "; somebody has something new" : ""}.`);
  }

  return {
    show(newState) {
      state = newState;
      setClock(state.clock.now, state.clock.speed);
      guild.textContent = state.guild.name;
      banner.textContent = state.banner ?? "";
      banner.title = state.banner ?? "";
      banner.hidden = !state.banner;
      smallBanner.textContent = state.banner ?? "";
      smallBanner.title = banner.title;
      const buttons = state.buttons ?? [];
      if (isNews(demo, buttons)) demo.replaceChildren(...buttons.map((button) => element("button", { type: "button", class: "demo-button", title: button.hint, text: button.label, on: { click: () => press(button) } })));
      demo.hidden = !buttons.length;
      demoMenu.hidden = !buttons.length;
      showPeople();
      tick();
    },
    showPeople,
    markDrawer(open, news) {
      drawer.setAttribute("aria-expanded", String(open));
      drawer.querySelector(".dot").hidden = !news;
    },
  };
}
