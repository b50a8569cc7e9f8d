// Activation functions as torch computes them, corners included: name -> (x, argument) => [value, gradient].

const sigmoid = (x) => 1 / (1 + Math.exp(-x));

/** The error function: its series, which is exact enough for |z| < 4. Beyond that, |erf| is 1 to seven digits. */
function erf(z) {
  if (Math.abs(z) >= 4) return Math.sign(z);
  let [sum, term] = [z, z];
  for (let n = 1; n < 80; n++) {
    term *= (-z * z) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

const leaky = (x, a) => (x > 0 ? [x, 1] : [a * x, a]);
const between = (x, low, high) => (x <= low ? [low, 0] : x >= high ? [high, 0] : [x, 1]);

function gated(x, by) {
  const gate = sigmoid(by * x);
  return [x * gate, gate + by * x * gate * (1 - gate)];
}

export const FUNCTIONS = {
  LeakyReLU: leaky,
  PReLU: leaky,
  RReLU: leaky,
  Threshold: (x, t) => (x > t ? [x, 1] : [0, 0]),
  Hardtanh: (x, b) => between(x, -b, b),
  ELU: (x, a) => (x > 0 ? [x, 1] : [a * Math.expm1(x), a * Math.exp(x)]),
  CELU: (x, a) => (x > 0 ? [x, 1] : [a * Math.expm1(x / a), Math.exp(x / a)]),
  Softplus: (x, b) => [Math.log1p(Math.exp(b * x)) / b, sigmoid(b * x)],
  Swish: gated,
  Hardshrink: (x, l) => (Math.abs(x) > l ? [x, 1] : [0, 0]),
  Softshrink: (x, l) => (Math.abs(x) > l ? [x - l * Math.sign(x), 1] : [0, 0]),
  ReLU: (x) => leaky(x, 0),
  ReLU6: (x) => between(x, 0, 6),
  Tanh: (x) => [Math.tanh(x), 1 - Math.tanh(x) ** 2],
  Softsign: (x) => [x / (1 + Math.abs(x)), 1 / (1 + Math.abs(x)) ** 2],
  Sigmoid: (x) => [sigmoid(x), sigmoid(x) * sigmoid(-x)],
  Hardsigmoid: (x) => [Math.min(1, Math.max(0, x / 6 + 0.5)), Math.abs(x) < 3 ? 1 / 6 : 0],
  SELU: (x) => FUNCTIONS.ELU(x, 1.6732632423543772).map((v) => v * 1.0507009873554805),
  LogSigmoid: (x) => [Math.min(0, x) - Math.log1p(Math.exp(-Math.abs(x))), sigmoid(-x)],
  SiLU: (x) => gated(x, 1),
  Mish: (x) => {
    const t = Math.tanh(Math.log1p(Math.exp(x)));
    return [x * t, t + x * (1 - t * t) * sigmoid(x)];
  },
  Hardswish: (x) => (x <= -3 ? [0, 0] : x >= 3 ? [x, 1] : [(x * (x + 3)) / 6, x / 3 + 0.5]),
  GELU: (x) => {
    const share = (1 + erf(x / Math.SQRT2)) / 2;
    return [x * share, share + (x * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI)];
  },
  Tanhshrink: (x) => [x - Math.tanh(x), Math.tanh(x) ** 2],
};
