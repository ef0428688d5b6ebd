/** How the page looks: light, dark, narrow and on paper. */
import { FONT } from './chart.ts';
import { themes, type Theme } from './ink.ts';

export function style(): string {
  return `:root{color-scheme:light dark;${variables('light')}}
@media (prefers-color-scheme:dark){:root{${variables('dark')}}}
${rules}
@media print{:root{color-scheme:light;${variables('light')}}
${printed}}
`;
}

function variables(theme: Theme): string {
  return Object.entries(themes[theme])
    .map(([name, color]) => `--${name}:${color}`)
    .join(';');
}

const rules = `*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}
body{margin:0;background:var(--paper);color:var(--text);font:16px/1.55 ${FONT};font-variant-numeric:tabular-nums;overflow-wrap:break-word}
main,header,footer{max-width:1080px;margin:0 auto;padding:0 24px}
header{padding-top:56px}
.eyebrow{margin:0 0 10px;color:var(--muted);font-size:14px}
h1{font-size:clamp(26px,4.2vw,38px);line-height:1.15;letter-spacing:-.018em;font-weight:680;margin:0 0 18px;max-width:24em;text-wrap:balance}
h2{font-size:22px;line-height:1.25;letter-spacing:-.01em;font-weight:660;margin:72px 0 6px;scroll-margin-top:16px}
h3{font-size:15.5px;line-height:1.35;font-weight:640;margin:0}
p{max-width:72ch;margin:0 0 12px}
.lead p:first-child{font-size:18px}
.note{color:var(--muted);font-size:14.5px}
a{color:var(--accent);text-decoration-thickness:1px;text-underline-offset:2px}
nav{margin:28px 0 0;padding:12px 0;border-block:1px solid var(--rule);font-size:14.5px}
nav ul{display:flex;flex-wrap:wrap;gap:4px 22px;margin:0;padding:0;list-style:none}
nav a{text-decoration:none}
nav a:hover{text-decoration:underline}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-size:.87em}
pre{margin:6px 0 20px;padding:12px 14px;background:var(--panel);border:1px solid var(--rule);border-radius:6px;white-space:pre-wrap;overflow-wrap:anywhere;user-select:all;line-height:1.5}
.scroll{overflow-x:auto;margin:18px 0 26px;-webkit-overflow-scrolling:touch}
.scroll:focus-visible{outline:2px solid var(--accent);outline-offset:3px}
table{border-collapse:collapse;font-size:14.5px;line-height:1.4;min-width:min(100%,420px)}
caption{caption-side:top;text-align:left;padding:0 0 8px;color:var(--muted);max-width:min(80ch,calc(100vw - 48px))}
caption strong{color:var(--text)}
th,td{padding:6px 12px;text-align:right;vertical-align:baseline;border-bottom:1px solid var(--rule);white-space:nowrap;unicode-bidi:isolate}
th:first-child,td:first-child{padding-left:0}
thead th{font-weight:500;color:var(--muted);font-size:13px;vertical-align:bottom;white-space:normal}
thead tr:last-child th,thead th[rowspan]{border-bottom-color:var(--muted)}
thead th.group{text-align:center;border-bottom-color:var(--rule);font-weight:640;color:var(--text)}
tbody th{font-weight:500;text-align:left;white-space:normal;min-width:10.4em;max-width:22em;overflow-wrap:anywhere}
tbody+tbody tr:first-child>*{border-top:1px solid var(--muted)}
.text{text-align:left}
td.long{white-space:normal;min-width:10em;max-width:22em;overflow-wrap:anywhere}
.wide th,.wide td{padding-inline:9px}.wide .first{padding-left:20px}.wide :is(th,td):first-child{padding-left:0}
td code{overflow-wrap:anywhere}
.first{padding-left:26px}
.quiet{color:var(--muted)}
.best{font-weight:700}
.hash{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:11.5px;min-width:19em;color:var(--muted)}
td.bar{min-width:74px}
.inline-bar{display:block;width:100%;height:4px;margin-top:3px;border-radius:2px}
.inline-bar .track{fill:var(--rule);opacity:.6}
.inline-bar .fill{fill:var(--ours);opacity:.55}
.best .inline-bar .fill{opacity:1}
.support,.id{color:var(--muted);font-weight:400;font-size:12px}
.support{display:block}
.pr{display:none;color:var(--muted);font-weight:400;font-size:11.5px}
section:has(#pr:checked) .pr{display:block}
td.interval{padding-block:5px;vertical-align:top}
td.interval svg,thead th svg{display:block}
.toggle{display:inline-flex;gap:8px;align-items:center;font-size:14.5px;cursor:pointer;margin:10px 0 0}
.toggle input{accent-color:var(--accent);width:16px;height:16px;margin:0}
figure{margin:18px 0 26px}
figcaption{color:var(--muted);font-size:14.5px;max-width:72ch}
.chart{overflow-x:auto}
.chart svg{display:block;width:100%;height:auto}
.bars{max-width:760px}.bars svg{min-width:500px}
.curves{display:flex;flex-wrap:wrap;gap:8px 36px;align-items:center}
.curves .chart{flex:1 1 420px;max-width:640px;min-width:0}
.curves .chart svg{min-width:400px}
.curves .legend{flex:0 1 auto;min-width:0}
.legend .scroll{margin:0}.legend td,.legend th{padding:4px 10px}
.sample{vertical-align:middle;margin-right:10px;flex:none}
.legend tbody th{min-width:12em}
.panels{display:grid;grid-template-columns:repeat(auto-fill,minmax(270px,1fr));gap:26px 30px;margin:20px 0}
.panels figure{margin:0}.panels figcaption{font-size:13px;margin-bottom:4px}
.panels svg{display:block;width:100%;height:auto}
.groups{display:flex;flex-wrap:wrap;gap:0 44px;align-items:flex-start}
.groups .scroll{max-width:100%}
dl.reasons{margin:18px 0;display:grid;grid-template-columns:minmax(150px,13em) minmax(0,72ch);gap:12px 28px}
dl.reasons dt{font-weight:620}
dl.reasons dd{margin:0}
dl.machine{display:grid;grid-template-columns:auto 1fr;gap:2px 20px;margin:0;font-size:14.5px}
dl.machine dt{color:var(--muted)}dl.machine dd{margin:0}
details{margin:10px 0 18px}
summary{cursor:pointer;color:var(--accent);font-weight:560;padding:4px 0}
h3+pre{margin-top:6px}
footer{margin-top:80px;padding-top:18px;padding-bottom:56px;color:var(--muted);font-size:14px}
footer::before{content:"";display:block;border-top:1px solid var(--rule);margin-bottom:18px}
@media (max-width:640px){main,header,footer{padding-inline:16px}header{padding-top:32px}caption{max-width:calc(100vw - 32px)}h2{margin-top:52px}.lead p:first-child{font-size:17px}dl.reasons{grid-template-columns:1fr;gap:2px}dl.reasons dd{margin-bottom:12px}th,td{padding:6px 9px}.first{padding-left:18px}tbody th{min-width:7em;max-width:10em}}`;

const printed = `@page{size:A4;margin:16mm 14mm}
@page wide{size:A4 landscape}
body{font-size:10pt;line-height:1.45}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}
main,header,footer{max-width:none;padding:0}
header{padding-top:0}
nav,.toggle{display:none}
h1{font-size:22pt}h2{font-size:14pt;margin-top:22pt;break-after:avoid}h3{font-size:10.5pt;break-after:avoid}
.lead p:first-child{font-size:11.5pt}
.scroll,.chart{overflow:visible}
table{font-size:8.2pt;min-width:0}thead th,.support,.id,.pr{font-size:7.4pt}
th,td{padding:3pt 5pt}.wide th,.wide td{padding-inline:4pt}td.interval svg,thead th svg{width:38mm;height:auto}.first{padding-left:10pt}
tbody th{min-width:8em}td.long{min-width:7em}td.bar{min-width:0}
.note,figcaption,dl.machine,footer{font-size:9pt}.panels figcaption{font-size:7.6pt}
caption{max-width:none}
thead{display:table-header-group}
tr,figure,pre,dl.reasons dd,.scroll{break-inside:avoid}details .scroll{break-inside:auto}
.scroll{margin:10pt 0 14pt}.panels,.groups{margin:8pt 0}
caption{break-after:avoid}
.hash{font-size:6.5pt;min-width:12em}
pre{font-size:7.8pt;user-select:auto}
a{color:inherit;text-decoration:none}
details::details-content{content-visibility:visible;display:block;block-size:auto}
.panels{grid-template-columns:repeat(3,1fr);gap:14pt}
.bars{max-width:140mm}.curves{flex-wrap:nowrap;gap:16pt}.curves .chart{flex:1 1 95mm}.legend tbody th{min-width:0}.curves .chart svg,.bars svg{min-width:0}
.very-wide{page:wide}`;
