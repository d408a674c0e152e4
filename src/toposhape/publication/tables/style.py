"""How the HTML tables look."""

TABLE_STYLE = """\
:root { color-scheme: light; }
body { font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
       color: #1c2430; background: #fff; margin: 1.2rem auto; padding: 0 1rem; max-width: 92rem; }
h1 { font-size: 1.35rem; margin: 0 0 .4rem; }
h2 { font-size: 1.1rem; margin: 1.6rem 0 .3rem; }
.caption { max-width: 48rem; margin: 0 0 1rem; }
.scroll { overflow-x: auto; }
.narrow { display: none; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin-bottom: 1rem;
        border-top: 2px solid #1c2430; border-bottom: 2px solid #1c2430; }
th, td { padding: .35rem .55rem; text-align: right; vertical-align: top; }
thead th { font-weight: 600; white-space: nowrap; vertical-align: bottom; }
thead tr:last-child th { border-bottom: 1px solid #1c2430; }
thead th[rowspan] { border-bottom: 1px solid #1c2430; }
thead th.group { text-align: center; border-bottom: 1px solid #9aa5b1; }
thead th:first-child:not(.first), tbody th { text-align: left; }
tbody th { font-weight: 500; position: sticky; left: 0; background: #fff; min-width: 8.5rem;
           max-width: 26rem; overflow-wrap: break-word; }
tbody tr + tr > * { border-top: 1px solid #e6e9ee; }
tbody tr:hover > * { background: #f4f7fb; }
tr.aside > * { background: #f7f7f5; color: #4a5462; }
tr:not(.aside) + tr.aside > * { border-top: 1px solid #1c2430; }
.value { white-space: nowrap; font-size: 1.02rem; }
.value b { color: #0b4f8a; }
.sd, .below, .none { color: #66707d; font-size: .8rem; }
.below { white-space: nowrap; }
.notes { font-size: .85rem; color: #414b58; padding-left: 1.1rem; max-width: 56rem; }
.notes li { margin: .2rem 0; }
@media (max-width: 760px) {
  body { font-size: 14px; padding: 0 .6rem; }
  .wide { display: none; }
  .narrow { display: block; overflow-x: auto; }
  th, td { padding: .35rem .45rem; }
  .narrow table { width: 100%; }
  tbody th { min-width: 4.5rem; max-width: 7.5rem; font-size: .85rem; }
  tbody th:nth-last-child(2) { max-width: none; }
}
@media print { .narrow { display: none; } .wide { display: block; } }
"""
