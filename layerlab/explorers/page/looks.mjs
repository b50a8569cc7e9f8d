// The look of explorers: in light and dark mode, on paper, and on a phone.

import { html } from "./elements.mjs";

export function addStyle(palette) {
  if (document.getElementById("lab-explorer-style")) return;
  const shades = { ink: palette.ink, quiet: palette.quiet, grid: palette.grid };
  palette.lines.forEach((pair, i) => (shades[`line-${i}`] = pair));
  const variables = Object.entries(shades).map(([key, pair]) => `--${key}:light-dark(${pair.join(",")});`);
  const style = html("style", { id: "lab-explorer-style" });
  style.textContent = `.lab-explorer{${variables.join("")}}${CSS}`;
  document.head.append(style);
}

const CSS = `
.lab-explorer{color-scheme:light dark;box-sizing:border-box;max-width:44rem;margin:1.25rem 0;padding:1rem 1.15rem .8rem;
  border:1px solid var(--grid);border-radius:10px;color:var(--ink);font-size:1rem;line-height:1.45;text-align:start}
html[data-theme=light] .lab-explorer,[data-jp-theme-light=true] .lab-explorer{color-scheme:light}
html[data-theme=dark] .lab-explorer,[data-jp-theme-light=false] .lab-explorer{color-scheme:dark}
.lab-explorer *{box-sizing:border-box}
.lab-explorer p{margin:0}
.lab-explorer .question{font-weight:600;margin-bottom:.8rem;text-wrap:balance}
.lab-explorer .controls{display:grid;grid-template-columns:minmax(3rem,auto) 1fr minmax(3.2rem,auto);gap:.1rem .9rem;
  align-items:center;margin-bottom:.7rem;font-size:.92rem}
.lab-explorer .control{display:grid;grid-template-columns:subgrid;grid-column:1/-1;align-items:center;min-height:2rem}
.lab-explorer label{margin:0;font:inherit;color:inherit}
.lab-explorer .value{font-weight:600;font-variant-numeric:tabular-nums;text-align:end}
.lab-explorer input[type=range]{width:100%;min-width:0;height:1.7rem;margin:0;accent-color:var(--line-0);cursor:pointer}
.lab-explorer .options{grid-column:2/-1;display:flex;flex-wrap:wrap;gap:.35rem .4rem;padding:.15rem 0}
.lab-explorer label.option{position:relative;cursor:pointer}
.lab-explorer .option input{position:absolute;inset:0;opacity:0;margin:0;cursor:pointer}
.lab-explorer .option span{display:block;padding:.15rem .7rem;border:1px solid var(--quiet);border-radius:99px;line-height:1.5}
.lab-explorer .option input:checked+span{border-color:var(--line-0);box-shadow:inset 0 0 0 1px var(--line-0);font-weight:600;
  background:color-mix(in srgb,var(--line-0) 12%,transparent)}
.lab-explorer input[type=range]:focus-visible,.lab-explorer .option input:focus-visible+span,
.lab-explorer :is(input[type=text],select):focus-visible,.lab-explorer summary:focus-visible,.lab-explorer button:focus-visible,.lab-explorer .wide:focus-visible{outline:3px solid var(--line-0);outline-offset:2px;border-radius:6px}
.lab-explorer .option input:focus-visible+span{border-radius:99px}
.lab-explorer [hidden]{display:none!important}
.lab-explorer select{flex:0 1 9rem;min-width:0;max-width:30%;min-height:2rem;padding:.1rem .3rem;border:1px solid var(--quiet);border-radius:8px;color:var(--ink);
  background:var(--pst-color-background,var(--jp-layout-color0,light-dark(#fff,#14181e)));font:inherit}
.lab-explorer .steps{display:flex;gap:.35rem;align-items:center;min-width:0}
.lab-explorer .steps input{flex:1 1 2rem}
.lab-explorer button{flex:none;width:2rem;height:2rem;padding:0;border:1px solid var(--quiet);border-radius:8px;background:none;
  color:var(--ink);font:inherit;line-height:1;cursor:pointer}
.lab-explorer button.words{width:auto;height:auto;min-height:2rem;padding:.15rem .8rem;border-radius:99px;line-height:1.4;text-align:start}
.lab-explorer button.reset{grid-column:1/-1;justify-self:end}
.lab-explorer button.skip{border-color:transparent;color:var(--quiet);text-decoration:underline}
.lab-explorer input[type=text]{width:7rem;min-height:2rem;margin:0;padding:.1rem .5rem;border:1px solid var(--quiet);border-radius:8px;background:none;
  color:var(--ink);font:inherit}
.lab-explorer input[aria-invalid]{border-color:var(--line-1)}
.lab-explorer .predict{margin:0 0 .8rem;padding:.5rem .8rem;border-inline-start:3px solid var(--line-0);font-size:.95rem}
.lab-explorer .predict .hint{align-self:center}
.lab-explorer .predict .options{padding:.4rem 0 .1rem}
.lab-explorer .gap{font-weight:600;padding-top:.25rem}
.lab-explorer .gap:focus{outline:none}
.lab-explorer.asking .controls,.lab-explorer.asking .answer,.lab-explorer .set{display:none}
.lab-explorer button[aria-disabled=true]{opacity:.4;cursor:default}
.lab-explorer .play{font-size:.7rem}
@media(prefers-reduced-motion:reduce){.lab-explorer .play{display:none}}
.lab-explorer .picture{position:relative;min-width:0;overflow:hidden}
.lab-explorer [data-edit]{cursor:text;pointer-events:all}
.lab-explorer svg text{pointer-events:none}
.lab-explorer input.field{position:absolute;width:0;min-height:0;padding:0;border:2px solid var(--line-0);border-radius:3px;
  background:light-dark(#fff,#14181e);font-size:.85rem;text-align:center;opacity:0;pointer-events:none}
.lab-explorer input.field:focus{opacity:1;pointer-events:auto}
.lab-explorer button.handle{position:absolute;width:1.75rem;height:1.75rem;margin:-.875rem;border:2px solid var(--ink);border-radius:50%;
  background:light-dark(#ffffff99,#14181e99);cursor:grab;touch-action:none}
.lab-explorer .hint{color:var(--quiet);font-size:.88rem}
.lab-explorer.asking :is(.field,.handle,.edits){display:none}
.lab-explorer svg{display:block;max-width:none;font-family:inherit}
.lab-explorer .legend{display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;list-style:none;margin:0 0 .3rem;padding:0;font-size:.88rem}
.lab-explorer .legend li{display:flex;align-items:center;gap:.4rem;margin:0}
.lab-explorer svg text{fill:var(--ink);font-size:13px}
.lab-explorer svg .tick{fill:var(--quiet);font-size:12px;font-variant-numeric:tabular-nums}
.lab-explorer svg .number{font-size:12.5px;font-variant-numeric:tabular-nums}
.lab-explorer svg .sign{font-size:18px;fill:var(--quiet)}
.lab-explorer svg .halo{paint-order:stroke;stroke:light-dark(#fff,#14181e);stroke-width:3px;stroke-opacity:.75}
.lab-explorer .rule{stroke:var(--grid);stroke-width:1;opacity:.75}
.lab-explorer .zero{stroke:var(--quiet);stroke-width:1}
.lab-explorer .line,.lab-explorer .thin,.lab-explorer .shaft,.lab-explorer .ground{fill:none;stroke-linejoin:round}
.lab-explorer .line{stroke-width:2.4}
.lab-explorer .thin{stroke-width:1.3}
.lab-explorer .shaft{stroke-width:3}
.lab-explorer .ground{stroke:var(--grid);stroke-width:1}
.lab-explorer .dot{fill:none;stroke:var(--ink);stroke-width:1.6}
.lab-explorer .contour{fill:none;stroke:var(--quiet);stroke-width:1;opacity:.6}
.lab-explorer .cell{fill:none;stroke:var(--grid);stroke-width:1}
.lab-explorer .hatch{fill:none;stroke:var(--quiet);stroke-width:1;opacity:.7}
.lab-explorer .padding{stroke:var(--quiet);stroke-dasharray:3 3;fill:color-mix(in srgb,var(--quiet) 12%,transparent)}
.lab-explorer .beyond{stroke:var(--quiet);stroke-dasharray:1 4}
.lab-explorer .tap{stroke:var(--line-1);stroke-width:2.4;fill:color-mix(in srgb,var(--line-1) 14%,transparent)}
.lab-explorer .winner{stroke-width:4;fill:color-mix(in srgb,var(--line-1) 40%,transparent)}
.lab-explorer .done{fill:color-mix(in srgb,var(--line-0) 14%,transparent)}
.lab-explorer .now{stroke:var(--line-0);stroke-width:3.2;fill:color-mix(in srgb,var(--line-0) 34%,transparent)}
.lab-explorer .member{fill:color-mix(in srgb,var(--line-0) 42%,transparent);stroke:var(--line-0)}
.lab-explorer .chosen{stroke:var(--ink);stroke-width:3}
.lab-explorer .whisker{stroke:var(--quiet);stroke-width:1.2}
.lab-explorer .box{fill:var(--line-0);opacity:.75}
.lab-explorer .median{stroke:var(--ink);stroke-width:2}
.lab-explorer .numbers{display:flex;flex-wrap:wrap;gap:.2rem 1.75rem;margin:.5rem 0 0;font-size:.95rem}
.lab-explorer .numbers strong{font-weight:600;font-variant-numeric:tabular-nums;margin-left:.3rem}
.lab-explorer [role=status],.lab-explorer .caption{font-size:.85rem;color:var(--quiet);margin-top:.4rem}
.lab-explorer details{margin-top:.5rem;font-size:.88rem;border:0;padding:0;background:none;box-shadow:none}
.lab-explorer summary{cursor:pointer;color:var(--quiet);width:fit-content}
.lab-explorer .answer p{margin:.35rem 0;max-width:38rem}
.lab-explorer .answer summary{color:var(--ink);font-weight:600}
.lab-explorer .answer{font-size:.95rem}
.lab-explorer caption{caption-side:top;text-align:left;padding:.35rem 0 .1rem;color:var(--quiet)}
.lab-explorer table+table{margin-top:.5rem}
.lab-explorer .wide{overflow-x:auto;margin-top:.4rem}
.lab-explorer table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin:0;width:auto;color:inherit;font-size:inherit}
.lab-explorer th,.lab-explorer td{padding:.15rem .8rem .15rem 0;text-align:right;border:0;border-bottom:1px solid var(--grid);
  background:none;color:inherit}
.lab-explorer th{font-weight:600;text-align:left}
.lab-explorer .hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
@media(max-width:600px){.lab-explorer{padding:.8rem .7rem .6rem}.lab-explorer .controls{position:sticky;z-index:2;
  top:0;margin-bottom:.3rem;padding:.2rem 0;column-gap:.6rem;
  background:var(--pst-color-background,var(--jp-layout-color0,light-dark(#fff,#14181e)))}.bd-article .lab-explorer .controls{top:3.4rem}}
@media print{.lab-explorer .controls,.lab-explorer .predict .options,.lab-explorer :is(.gap,.field,.handle,.edits,[role=status]){display:none}
  .lab-explorer .set{display:block}}
`;
