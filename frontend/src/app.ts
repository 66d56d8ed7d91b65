import htmx from "htmx.org";
import { keepClocksRunning } from "./ts/clocks";
import { copyByButton } from "./ts/copy";
import { dialByClick } from "./ts/dials";
import { pageToken } from "./ts/drawn";
import { searchByKeyboard } from "./ts/find";
import { furnish } from "./ts/frame";
import { beAPhone } from "./ts/softphone";
import { walkBoard } from "./ts/keys";
import { followBoard } from "./ts/live";
import { followMine } from "./ts/mine";
import { followCallInHand } from "./ts/inHand";
import { takeNext } from "./ts/next";
import { keepNotes } from "./ts/notes";
import { notifyOutOfSight } from "./ts/notices";
import { playRecordings } from "./ts/players";
import { walkRows } from "./ts/rows";
import { keepSlots } from "./ts/slots";
import { growLists } from "./ts/several";

// The page's Content-Security-Policy forbids both: scripts made from text, and styles written into the page.
htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;
// A page left and come back to is asked for again: what stands on it changes by the second.
htmx.config.historyCacheSize = 0;
htmx.config.refreshOnHistoryMiss = false;
htmx.config.scrollIntoViewOnBoost = false;
// What is seen works at once: somebody may type into it in the same moment.
htmx.config.defaultSettleDelay = 0;
// Refusals bring their words with them: show them in place.
htmx.config.responseHandling = [
  { code: "204", swap: false },
  { code: "[23]..", swap: true },
  { code: "40[349]|422", swap: true },
  { code: "[45]..", swap: false, error: true },
];

document.addEventListener("htmx:configRequest", (event) => {
  (event as CustomEvent).detail.headers["X-CSRFToken"] = pageToken();
});

// A link changes the page and leaves the phone in it alone; a page that says "no" is shown like any other.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { detail } = event as CustomEvent;
  const isPage = detail.xhr.getResponseHeader("Content-Type")?.startsWith("text/html");
  if (detail.boosted && isPage) Object.assign(detail, { shouldSwap: true, isError: false });
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (!(event as CustomEvent).detail.boosted) return;
  window.scrollTo(0, 0);
  document.getElementById("work")?.focus({ preventScroll: true });
});

keepClocksRunning();
furnish();
searchByKeyboard();
walkRows();
growLists();
keepNotes();
takeNext();
followCallInHand();
followBoard();
walkBoard();
followMine();
notifyOutOfSight();
dialByClick();
copyByButton();
playRecordings();
beAPhone();
keepSlots();
