import { TOKENS } from './tokens.ts';

/** The pages' one style sheet. Colours and sizes come from the tokens alone. */
export const STYLE = `${TOKENS}
* {
  box-sizing: border-box;
}
html {
  font-size: 16px;
}
body {
  margin: 0;
  min-height: 100vh;
  background: var(--bg);
  color: var(--text);
  font: var(--text-13);
  -webkit-font-smoothing: antialiased;
}
h1, h2, h3, p, ul, ol, dl, dd {
  margin: 0;
  padding: 0;
}
ul, ol {
  list-style: none;
}
button, input, select {
  font: inherit;
  color: inherit;
}
a {
  color: var(--accent);
  text-decoration: underline;
  text-underline-offset: 2px;
}
code, .mono {
  font: var(--mono-12);
  overflow-wrap: anywhere;
}
:focus-visible {
  outline: var(--focus-ring);
  outline-offset: 1px;
}
svg {
  flex: none;
}
.icon {
  width: 16px;
  height: 16px;
  stroke: currentColor;
  stroke-width: 1.75;
  fill: none;
  stroke-linecap: round;
  stroke-linejoin: round;
}
.icon.small {
  width: 14px;
  height: 14px;
}
.mark {
  width: 24px;
  height: 24px;
}
.button {
  display: inline-flex;
  align-items: center;
  justify-content: center;
  gap: var(--s-3);
  min-height: var(--h-control);
  padding: 0 var(--s-5);
  border: 1px solid var(--border-control);
  border-radius: var(--r-2);
  background: var(--bg-raised);
  color: var(--text);
  font: var(--text-13);
  font-weight: var(--medium);
  text-decoration: none;
  white-space: nowrap;
}
.button:hover {
  background: var(--bg-hover);
}
.button.big {
  min-height: 36px;
}
.button.wide {
  width: 100%;
}
.button.small {
  min-height: var(--h-control-small);
  padding: 0 var(--s-4);
  font: var(--text-12);
  font-weight: var(--medium);
}
.button.main {
  border-color: var(--ink);
  background: var(--ink);
  color: var(--on-ink);
}
.button.main:hover {
  background: var(--ink-hover);
}
.button.danger {
  border-color: var(--danger);
  background: var(--danger);
  color: var(--on-danger);
}
.button[disabled] {
  border-color: var(--border);
  background: var(--bg-subtle);
  color: var(--text-faint);
}
.field {
  display: grid;
  gap: var(--s-3);
}
.field > label {
  font: var(--text-12);
  font-weight: var(--medium);
}
.input {
  width: 100%;
  height: 36px;
  padding: 0 var(--s-4);
  border: 1px solid var(--border-control);
  border-radius: var(--r-2);
  background: var(--bg);
  font: var(--text-13);
}
.input.code {
  height: 44px;
  font: 1.125rem/1 var(--font-mono);
  letter-spacing: 0.25em;
  text-align: center;
}
.input.code.letters {
  text-transform: uppercase;
}
.input:focus-visible {
  outline-offset: -1px;
}
.input[aria-invalid='true'] {
  border-color: var(--failed);
}
.hint {
  font: var(--text-12);
  color: var(--text-muted);
  text-wrap: pretty;
}
.wrong {
  display: flex;
  gap: var(--s-3);
  font: var(--text-12);
  color: var(--failed);
}
.wrong svg {
  margin-top: 1px;
}
.narrow {
  display: grid;
  place-content: center;
  min-height: 100vh;
  padding: var(--s-8) var(--s-6);
}
.box {
  display: grid;
  grid-template-columns: minmax(0, 1fr);
  gap: var(--s-6);
  width: min(336px, calc(100vw - 2 * var(--s-6)));
}
.box.broad {
  width: min(640px, calc(100vw - 2 * var(--s-6)));
}
.broad form {
  justify-items: start;
}
.broad .field {
  width: min(336px, 100%);
}
.broad .button.wide {
  width: auto;
  justify-self: start;
}
.box form {
  display: grid;
  grid-template-columns: minmax(0, 1fr);
  gap: var(--s-6);
}
.top {
  display: grid;
  gap: var(--s-5);
}
.top h1 {
  font: var(--text-20);
  font-weight: var(--semibold);
  overflow-wrap: anywhere;
}
.top h1 + p {
  margin-top: -6px;
}
.top p, .muted {
  color: var(--text-muted);
  text-wrap: pretty;
  overflow-wrap: anywhere;
}
.or {
  display: flex;
  align-items: center;
  gap: var(--s-5);
  color: var(--text-faint);
  font: var(--text-12);
}
.or::before, .or::after {
  content: '';
  flex: 1;
  height: 1px;
  background: var(--border);
}
.facts {
  display: grid;
  grid-template-columns: max-content minmax(0, 1fr);
  gap: var(--s-3) var(--s-6);
  padding: var(--s-5) 0;
  border: solid var(--border);
  border-width: 1px 0;
}
.facts dt {
  color: var(--text-muted);
}
.facts dd {
  overflow-wrap: anywhere;
}
.two {
  display: grid;
  grid-template-columns: 1fr 1fr;
  gap: var(--s-4);
}
.two form {
  display: grid;
}
.between {
  display: flex;
  flex-wrap: wrap;
  justify-content: space-between;
  gap: var(--s-4);
  font: var(--text-12);
}
.warn {
  display: flex;
  gap: 10px;
  padding: 10px 12px;
  border-radius: var(--r-2);
  background: var(--waiting-bg);
}
.warn .icon {
  margin-top: 2px;
  color: var(--waiting);
}
.good {
  padding: 10px 12px;
  border-radius: var(--r-2);
  background: var(--done-bg);
}
.badge {
  display: grid;
  place-items: center;
  width: 32px;
  height: 32px;
  border-radius: 50%;
  background: var(--done-bg);
  color: var(--done);
}
.badge.no {
  background: var(--bg-selected);
  color: var(--failed);
}
.badge svg {
  width: 14px;
  height: 14px;
}
section {
  display: grid;
  grid-template-columns: minmax(0, 1fr);
  gap: var(--s-5);
}
section + section {
  padding-top: var(--s-6);
  border-top: 1px solid var(--border);
}
h2 {
  font: var(--text-14);
  font-weight: var(--semibold);
}
.rows {
  display: grid;
}
.rows > li {
  display: flex;
  align-items: center;
  gap: var(--s-5);
  min-height: 44px;
  border-bottom: 1px solid var(--border);
}
.rows .grow {
  flex: 1;
  min-width: 0;
  padding: var(--s-4) 0;
  overflow-wrap: anywhere;
}
.rows small {
  display: block;
  font: var(--text-12);
  color: var(--text-muted);
}
.codes {
  display: grid;
  grid-template-columns: 1fr 1fr;
  gap: var(--s-3) var(--s-6);
}
.qr {
  width: 180px;
  height: 180px;
  border-radius: var(--r-2);
}
.steps {
  display: grid;
  gap: var(--s-5);
  padding-left: var(--s-6);
  list-style: decimal;
}
.steps li {
  overflow-wrap: anywhere;
}
details > summary {
  font: var(--text-12);
  color: var(--text-muted);
}
details > form {
  margin-top: var(--s-5);
}
.visually-hidden {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}
[hidden] {
  display: none !important;
}
.num {
  font-variant-numeric: tabular-nums;
}

.admin {
  display: grid;
  grid-template-columns: 176px minmax(0, 1fr);
  min-height: 100vh;
}
.nav {
  display: flex;
  flex-direction: column;
  gap: var(--s-1);
  padding: var(--s-6) 10px;
  border-right: 1px solid var(--border);
  background: var(--bg-subtle);
}
.nav .brand {
  display: flex;
  align-items: center;
  gap: var(--s-4);
  padding: 4px 8px 14px;
  font-weight: var(--semibold);
}
.nav .mark {
  width: 16px;
  height: 16px;
}
.nav a {
  display: flex;
  align-items: center;
  gap: var(--s-4);
  height: 30px;
  padding: 0 8px;
  border-radius: var(--r-2);
  color: var(--text-muted);
  text-decoration: none;
}
.nav a:hover {
  background: var(--bg-hover);
}
.nav a[aria-current] {
  background: var(--bg-selected);
  color: var(--text);
  font-weight: var(--medium);
}
.nav a .end {
  margin-left: auto;
  font: var(--text-12);
}
.nav .end.failed {
  color: var(--failed);
}
.nav .me {
  margin-top: auto;
  padding: 12px 8px 0;
  font: var(--text-12);
  color: var(--text-muted);
  overflow-wrap: anywhere;
}
.nav .me a {
  display: inline;
  height: auto;
  padding: 0;
  color: var(--accent);
  text-decoration: underline;
}
.content {
  display: grid;
  grid-template-columns: minmax(0, 1fr);
  align-content: start;
  gap: 14px;
  padding: 20px 28px 24px;
}
.title {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 10px;
  min-height: 32px;
}
.title h1 {
  font: var(--text-16);
  font-weight: var(--semibold);
}
.title .filter {
  width: 240px;
  height: 30px;
  margin-left: auto;
}
.scroll {
  position: relative;
  overflow-x: auto;
}
table {
  width: 100%;
  border-collapse: collapse;
}
th {
  padding: 0 12px 6px 0;
  border-bottom: 1px solid var(--border);
  color: var(--text-muted);
  font: var(--text-12);
  font-weight: var(--medium);
  text-align: left;
  white-space: nowrap;
}
td {
  height: 38px;
  max-width: 320px;
  padding: 0 12px 0 0;
  border-bottom: 1px solid var(--border);
  overflow: hidden;
  text-overflow: ellipsis;
  white-space: nowrap;
}
td form {
  display: inline;
}
td .muted {
  overflow-wrap: normal;
}
.right {
  padding-right: 36px;
  text-align: right;
}
tr > .right:last-child {
  padding-right: 0;
}
tbody tr:hover td {
  background: var(--bg-hover);
}
.tag {
  display: inline-flex;
  align-items: center;
  height: 1.125rem;
  padding: 0 var(--s-3);
  border: 1px solid var(--border);
  border-radius: var(--r-1);
  color: var(--text-muted);
  font: var(--text-11);
  font-weight: var(--medium);
}
.tag.done {
  border-color: transparent;
  background: var(--done-bg);
  color: var(--done);
}
.tag.waiting {
  border-color: transparent;
  background: var(--waiting-bg);
  color: var(--waiting);
}
.tag.failed {
  border-color: transparent;
  background: var(--failed-bg);
  color: var(--failed);
}
.state {
  width: 12px;
  height: 12px;
  overflow: visible;
}
.state.done, .state.online {
  color: var(--done);
}
.state.waiting {
  color: var(--waiting);
}
.state.failed {
  color: var(--failed);
}
.state.offline {
  color: var(--unknown);
}
.skip {
  position: absolute;
  top: -100px;
}
.skip:focus {
  top: var(--s-3);
  left: var(--s-3);
  z-index: 1;
  padding: var(--s-3) var(--s-5);
  background: var(--bg-raised);
}
.nav .me button {
  padding: 0;
  min-height: 24px;
  border: 0;
  background: none;
  color: var(--accent);
  text-decoration: underline;
  text-underline-offset: 2px;
}
.title .spring {
  flex: 1;
}
.strip {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: var(--s-4);
  padding: var(--s-3) var(--s-5);
  border-radius: var(--r-2);
  background: var(--waiting-bg);
}
.strip .icon {
  color: var(--waiting);
}
.strip .grow {
  flex: 1;
  min-width: 0;
}
.cell {
  display: inline-flex;
  align-items: center;
  gap: var(--s-4);
  max-width: 100%;
}
.cell a {
  overflow: hidden;
  text-overflow: ellipsis;
}
td a {
  color: var(--text);
  font-weight: var(--medium);
  text-decoration-color: var(--border-control);
}
td .none {
  color: var(--waiting);
}
.counts {
  display: grid;
  grid-template-columns: repeat(auto-fit, minmax(140px, 1fr));
  border: 1px solid var(--border);
  border-radius: var(--r-3);
}
.counts > div {
  padding: 12px 16px;
}
.counts b {
  display: block;
  font: var(--text-20);
  font-weight: var(--semibold);
  font-variant-numeric: tabular-nums;
}
.counts span {
  color: var(--text-muted);
  font: var(--text-12);
}
.checks {
  display: grid;
  border-top: 1px solid var(--border);
}
.checks > li {
  display: grid;
  grid-template-columns: 12px 140px minmax(0, 1fr);
  align-items: center;
  gap: var(--s-5);
  min-height: 40px;
  padding: var(--s-3) 0;
  border-bottom: 1px solid var(--border);
}
.checks .what {
  font-weight: var(--medium);
}
.checks .text {
  color: var(--text-muted);
  overflow-wrap: anywhere;
}
.more {
  display: flex;
  gap: var(--s-4);
}
.agree {
  margin-bottom: var(--s-5);
  display: flex;
  align-items: center;
  gap: var(--s-3);
  min-height: 24px;
}
select.input {
  padding-right: var(--s-3);
}
.inline-form {
  display: flex;
  flex-wrap: wrap;
  align-items: end;
  gap: var(--s-4);
}
.inline-form .field {
  min-width: 200px;
}
.panel {
  display: grid;
  gap: var(--s-4);
  padding: 14px 16px;
  border: 1px solid var(--border);
  border-radius: var(--r-3);
}
@media (max-width: 640px) {
  .admin {
    grid-template-columns: minmax(0, 1fr);
    grid-template-rows: auto 1fr;
  }
  .nav {
    flex-flow: row wrap;
    border-right: 0;
    border-bottom: 1px solid var(--border);
  }
  .nav .brand {
    width: 100%;
  }
  .nav .me {
    margin-top: 0;
  }
  .title .filter {
    margin-left: 0;
  }
  .checks > li {
    grid-template-columns: 12px minmax(0, 1fr);
  }
  .checks .text {
    grid-column: 2;
  }
  .content {
    padding: 16px;
  }
}
`;
