// The colours of the picture, by name: those of Okabe and Ito, which people with any kind of colour
// vision can tell apart, on a light and on a dark ground. No colour says anything alone: bars and
// marks differ in shape and text, too.

/** @typedef {Record<string, string>} Theme */

/** @type {Theme} */
export const light = {
  page: "#ffffff", lane: "#f7f8fa", network: "#eceff3", gap: "#e3e7ee", grid: "#e4e7ec",
  axis: "#ffffff", ink: "#1b1f24", muted: "#545d69", "on-bar": "#14181d", "on-badge": "#ffffff",
  "receive-fill": "#cfe9f9", "receive-line": "#2b8fcb", "send-fill": "#fbe3b5", "send-line": "#c98500",
  "accept-fill": "#bfe6d8", "accept-line": "#009e73", "connect-fill": "#f7f3b8", "connect-line": "#a89d00",
  "timer-fill": "#e4e6ea", "timer-line": "#8a929e", "post-fill": "#eee6f2", "post-line": "#9a7fae",
  "step-fill": "#eee6f2", "step-line": "#9a7fae",
  "server-runs": "#bfe6d8", "client-runs": "#dde2e9", "set-up": "#dde2e9",
  bytes: "#0072b2", "bytes-text": "#005a8c", fail: "#c8500a", "choice-fill": "#f3d9e7",
  "choice-line": "#a0457a", "choice-strong": "#9a3f74", select: "#1b1f24", found: "#e0c000",
};

/** @type {Theme} */
export const dark = {
  page: "#14171c", lane: "#1b1f26", network: "#222730", gap: "#2b313c", grid: "#2a303a",
  axis: "#14171c", ink: "#e8ebef", muted: "#a3acb8", "on-bar": "#f4f6f8", "on-badge": "#14171c",
  "receive-fill": "#14445f", "receive-line": "#56b4e9", "send-fill": "#5c4207", "send-line": "#e69f00",
  "accept-fill": "#0c4a39", "accept-line": "#1fbf92", "connect-fill": "#4a4605", "connect-line": "#f0e442",
  "timer-fill": "#333a45", "timer-line": "#8b95a3", "post-fill": "#3b3144", "post-line": "#b79aca",
  "step-fill": "#3b3144", "step-line": "#b79aca",
  "server-runs": "#0c4a39", "client-runs": "#333a45", "set-up": "#333a45",
  bytes: "#6cb9ec", "bytes-text": "#8fcbf3", fail: "#ff8a3d", "choice-fill": "#5a2f48",
  "choice-line": "#e39ac3", "choice-strong": "#e39ac3", select: "#ffffff", found: "#f0e442",
};
