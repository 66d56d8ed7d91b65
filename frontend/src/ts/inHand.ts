// A card that stands open shows the call one has with this client: it comes when the phone rings, and asks what came of it
// when the talk is over. What is being typed stays under the hand of whoever types.
import htmx from "htmx.org";
import { saveNotes } from "./notes";

const LOOK_EVERY = 3000;

async function look(place: HTMLElement): Promise<void> {
  const asked = new URLSearchParams({ call: place.dataset["call"] ?? "", state: place.dataset["state"] ?? "" });
  const request = { headers: { "HX-Request": "true" }, redirect: "manual" } as const;
  const answer = await fetch(`${place.dataset["look"]}?${asked}`, request).catch(() => null);
  if (answer?.status !== 200 || !place.isConnected) return;
  const template = document.createElement("template");
  template.innerHTML = (await answer.text()).trim();
  const next = template.content.querySelector<HTMLElement>("#in-hand");
  if (next) replace(place, next);
}

function replace(place: HTMLElement, next: HTMLElement): void {
  const form = place.querySelector<HTMLFormElement>("form[data-note]");
  const same = form && place.dataset["call"] === next.dataset["call"];
  const field = same ? form.querySelector("textarea") : null;
  const held = field !== null && document.activeElement === field;
  const [from, to] = [field?.selectionStart ?? 0, field?.selectionEnd ?? 0];
  // Over and not to be asked about, while somebody still writes: the note stays until the page is left.
  if (form && !same && form.contains(document.activeElement)) return;
  if (same) next.querySelector("form[data-note]")?.replaceWith(form);
  place.replaceWith(next);
  if (held) {
    field.focus();
    field.setSelectionRange(from, to);
  }
  saveNotes(next);
  htmx.process(next);
}

export function followCallInHand(): void {
  window.setInterval(() => {
    const place = document.getElementById("in-hand");
    if (place?.dataset["look"] && !document.hidden) void look(place);
  }, LOOK_EVERY);
}
