// The page's address: #weights=slope:1.5,bias:0&other=... has settings; #explorer-weights only leads to an explorer.

const IS_ENTRY = /^[a-z]\w*=/;
const entries = () => location.hash.slice(1).split("&");

function decoded(words) {
  try {
    return decodeURIComponent(words);
  } catch {
    return ""; // a mangled link names nothing
  }
}

/** The setting that the address gives for this explorer, or null. */
export function fromAddress(name, controls) {
  const entry = entries().find((part) => part.startsWith(`${name}=`));
  if (!entry) return null;
  const setting = {};
  for (const pair of entry.slice(name.length + 1).split(",")) {
    const [key, value] = pair.split(":").map(decoded);
    const control = controls.find((c) => c.name === key);
    if (!control || value === undefined) continue;
    const chosen = control.kind === "choice" ? control.values.find((one) => String(one) === value) : undefined;
    if (chosen !== undefined) setting[key] = chosen;
    if (control.kind !== "choice" && value !== "" && Number.isFinite(Number(value))) setting[key] = Number(value);
  }
  return Object.keys(setting).length ? setting : null;
}

/** Does the address lead here? If it names several explorers, it leads to the last one, which was moved last. */
export const leadsHere = (name) => location.hash === `#explorer-${name}` || entries().at(-1).startsWith(`${name}=`);

export function toAddress(name, controls, setting) {
  const mine = controls.map((c) => `${encodeURIComponent(c.name)}:${encodeURIComponent(setting[c.name])}`);
  const others = entries().filter((part) => IS_ENTRY.test(part) && !part.startsWith(`${name}=`));
  history.replaceState(history.state, "", `#${[...others, `${name}=${mine.join(",")}`].join("&")}`);
}
