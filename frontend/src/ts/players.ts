// Players of recordings: their script is fetched by pages that have one, or a button that opens one.

let there: Promise<typeof import("../player/index")> | null = null;

function look(): void {
  if (!there && !document.querySelector("[data-player], [data-opens-player]")) return;
  there ??= import("../player/index").then((module) => {
    module.start();
    return module;
  });
  void there.then((module) => module.furnishPlayers());
}

export function playRecordings(): void {
  look();
  document.addEventListener("htmx:afterSettle", look);
  document.addEventListener("htmx:historyRestore", look);
}
