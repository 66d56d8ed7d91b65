// Click-to-call: a press is sent once, then the place of the button follows the server's events until the call is over.
// Only what stands in the parts of a place changes, so that a screen reader hears each new state once.
import htmx from "htmx.org";
import { drawn } from "./drawn";
import { phoneHere, tellClick } from "./phoneHere";

const LOOK_EVERY = 2000;
/** A button that has just become another one: the second half of a double click was not meant for it. */
const SETTLES_IN = 600;
const PARTS = ["acts", "says", "way"];

function part(place: Element, name: string): HTMLElement | null {
  return place.querySelector<HTMLElement>(`[data-part="${name}"]`);
}

function form(place: Element): HTMLFormElement | null {
  return place.querySelector<HTMLFormElement>("form.dial");
}

function rest(button: HTMLButtonElement | null | undefined, resting: boolean): void {
  if (resting) button?.setAttribute("aria-disabled", "true");
  else button?.removeAttribute("aria-disabled");
}

function letSettle(place: HTMLElement): void {
  const button = form(place)?.querySelector("button");
  rest(button, true);
  window.setTimeout(() => rest(button, false), SETTLES_IN);
}

function redraw(place: HTMLElement, html: string): void {
  const next = drawn(html);
  if (!next) return;
  const held = place.contains(document.activeElement);
  const another = form(place)?.getAttribute("action") !== form(next)?.getAttribute("action");
  for (const name of PARTS) {
    const [here, there] = [part(place, name), part(next, name)];
    if (!here || !there) continue;
    here.className = there.className;
    if (here.innerHTML !== there.innerHTML) here.replaceChildren(...there.childNodes);
  }
  place.className = next.className;
  for (const name of ["events", "look"]) {
    const value = next.dataset[name];
    if (value) place.dataset[name] = value;
    else delete place.dataset[name];
  }
  if (another) letSettle(place);
  if (held) place.querySelector<HTMLElement>("[data-keep]")?.focus();
  follow(place);
}

/** One line to the server for each place with a call; when there is none to be had, the place asks now and then. */
const lines = new WeakMap<HTMLElement, EventSource>();

function follow(place: HTMLElement): void {
  const address = place.dataset["events"];
  const line = lines.get(place);
  if (line && (!address || line.readyState !== EventSource.CLOSED)) {
    if (!address) hangUp(place, line);
    return;
  }
  if (!address) return;
  const source = new EventSource(address);
  lines.set(place, source);
  source.addEventListener("state", (event: MessageEvent<string>) => {
    if (place.isConnected) redraw(place, event.data);
    else hangUp(place, source);
  });
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) window.setTimeout(() => void look(place), LOOK_EVERY);
  });
}

function hangUp(place: HTMLElement, line: EventSource): void {
  line.close();
  lines.delete(place);
}

/** The browser gives up a line that was refused: look, and try for a line again. */
async function look(place: HTMLElement): Promise<void> {
  const address = place.dataset["look"];
  if (!address || !place.isConnected) return;
  const html = await asked(address, {});
  if (html === null) window.setTimeout(() => void look(place), LOOK_EVERY);
  else redraw(place, html);
}

/** What the server draws; null when it was not reached, or would not. */
async function asked(address: string, request: RequestInit): Promise<string | null> {
  const headers = { "HX-Request": "true" };
  const answer = await fetch(address, { ...request, headers, redirect: "manual" }).catch(() => null);
  if (answer?.type === "opaqueredirect") window.location.reload(); // signed out meanwhile
  return answer?.ok ? answer.text() : null;
}

async function press(pressed: HTMLFormElement, place: HTMLElement): Promise<void> {
  const button = pressed.querySelector("button");
  if (button?.getAttribute("aria-disabled")) return;
  rest(button, true);
  const body = new FormData(pressed);
  const number = body.get("number");
  const here = await phoneHere();
  if (here) body.set("browser_phone", here);
  if (typeof number === "string") tellClick(number);
  const html = await asked(pressed.action, { method: "POST", body });
  if (html !== null) return redraw(place, html);
  rest(button, false); // the key stays the same: what did arrive is not dialled again
  part(place, "says")?.replaceChildren(place.dataset["lost"] ?? "");
}

export function dialByClick(): void {
  document.addEventListener("submit", (event) => {
    const pressed = (event.target as Element).closest<HTMLFormElement>("form.dial");
    const place = pressed?.closest<HTMLElement>("[data-dial]");
    if (!pressed || !place) return;
    event.preventDefault();
    void press(pressed, place);
  });
  htmx.onLoad((added) => {
    const places = [...(added as Element).querySelectorAll<HTMLElement>("[data-events][data-dial]")];
    for (const place of places) follow(place);
  });
}
