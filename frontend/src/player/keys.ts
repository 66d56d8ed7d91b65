// What is done with players by mouse and keyboard, wherever they stand on the page.
import { isTyping } from "../ts/find";
import { current, furnishPlayers, leavePage, playerOf, STEP } from "./player";

function click(event: MouseEvent): void {
  const target = event.target as Element;
  const player = playerOf(target);
  if (!player) return;
  const jump = target.closest<HTMLElement>("[data-jump]");
  const seek = target.closest<HTMLElement>("[data-seek]");
  if (target.closest("[data-play]")) player.toggle();
  else if (jump) player.jump(Number(jump.dataset["jump"]));
  else if (seek) {
    player.seek(Number(seek.dataset["seek"]));
    void player.play();
  } else if (target.closest("[data-skip]")) player.skip();
  else if (target.closest("[data-remark]")) player.remark();
  else if (target.closest("[data-never-mind]")) shut(target);
}

function shut(target: Element): void {
  const form = target.closest<HTMLFormElement>("[data-remark-form]");
  if (form) form.hidden = true;
  playerOf(target)?.root.querySelector<HTMLElement>("[data-remark]")?.focus();
}

const KEYS: Readonly<Record<string, (player: NonNullable<ReturnType<typeof current>>) => void>> = {
  " ": (player) => player.toggle(),
  ",": (player) => player.jump(-STEP),
  ".": (player) => player.jump(STEP),
  "<": (player) => player.pace(-1),
  ">": (player) => player.pace(1),
  c: (player) => player.remark(),
};

function press(event: KeyboardEvent): void {
  const target = event.target as Element;
  if (event.key === "Escape" && target.closest("[data-remark-form]")) return shut(target);
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(target)) return;
  const act = KEYS[event.key.toLowerCase()];
  const player = current();
  if (!act || !player) return;
  // A button is pressed by the space bar; the slider is none.
  if (event.key === " " && target.closest("button, a, summary, [role=button]")) return;
  event.preventDefault();
  act(player);
}

export function playByHand(): void {
  document.addEventListener("click", click);
  document.addEventListener("keydown", press);
  window.addEventListener("pagehide", leavePage);
  document.addEventListener("htmx:afterSwap", (event) => {
    const remarks = (event as CustomEvent).detail.target as Element | undefined;
    if (!remarks) return; // a page one goes back to
    const player = playerOf(remarks) ?? playerOf(document.getElementById(remarks.id));
    player?.pin();
    const form = player?.root.querySelector<HTMLFormElement>("[data-remark-form]");
    if (!form || form.hidden || player?.root.querySelector(".remarks .wrong")) return;
    form.hidden = true;
    form.reset();
    player?.root.querySelector<HTMLElement>("[data-remark]")?.focus();
  });
  furnishPlayers();
}
