import htmx from "htmx.org";
import "htmx-ext-sse";

declare global {
  interface Window {
    htmx: typeof htmx;
  }
}

// The page's Content-Security-Policy forbids both: scripts made from text, and styles written into the page.
htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;

window.htmx = htmx;
