// The page of a clip.

import { enableCopying } from "./clip_card.js";

enableCopying(document.getElementById("clip-card"));
