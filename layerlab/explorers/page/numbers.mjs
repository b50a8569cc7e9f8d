// The numbers of an explorer: from 16-bit codes to values, and from values to words. See ../pack.py.

const NAN = 65535;

export function codesOf(base64) {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Uint16Array.from({ length: bytes.length / 2 }, (_, i) => view.getUint16(2 * i, true));
}

/** The frame with each control i at position digits[i]: series name -> numbers (nan where torch had nan). */
export function decode(codes, plan, digits) {
  const out = {};
  for (const { name, at, size, over, offset, step, log } of plan.series) {
    const begin = at + size * over.reduce((index, control) => index * plan.counts[control] + digits[control], 0);
    const value = (c) => (log ? c && 10 ** ((c + offset) * step) : (c + offset) * step);
    out[name] = Array.from(codes.subarray(begin, begin + size), (c) => (c === NAN ? NaN : value(c)));
  }
  return out;
}

export function written(value, digits = 4) {
  if (typeof value === "string") return value;
  if (!Number.isFinite(value)) return "nan";
  return String(Number(value.toPrecision(digits))).replaceAll("-", "−");
}

/** A series' number in words: three digits if its logarithm was stored, the plan's word if there is none. */
export function shown(plan, name, value) {
  if (!Number.isFinite(value)) return plan.nan ?? "nan";
  return written(value, plan.series.find((s) => s.name === name)?.log ? 3 : 4);
}

/** Round values about `count` apart that cover [low, high]. */
export function ticks(low, high, count) {
  const least = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [10, 5, 2, 1].find((f, i) => least / power >= [7.07, 3.16, 1.41, 0][i]) * power; // nearest in ratio
  const out = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) out.push(i * step);
  return out;
}

/** Smallest and largest value of the series over all settings. */
export function rangeOf(plan, names) {
  const ranges = plan.series.filter((s) => names.includes(s.name)).map((s) => s.range);
  return [Math.min(...ranges.map((r) => r[0])), Math.max(...ranges.map((r) => r[1]))];
}

export const pairs = (values) => values.flatMap((v, i) => (i % 2 ? [] : [[v, values[i + 1]]]));
