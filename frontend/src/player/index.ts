import { playByHand } from "./keys";
import { playInLists } from "./lists";

export { furnishPlayers } from "./player";

/** Once for a visit: pages change around it. */
export function start(): void {
  playByHand();
  playInLists();
}
