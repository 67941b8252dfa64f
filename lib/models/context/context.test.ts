import assert from "node:assert/strict"
import { test } from "node:test"
import { TARGET } from "#test/dbt-project.ts"
import { baseNames } from "./base-names.ts"
import { dbtEnvironment } from "./dbt-environment.ts"
import { NO_FLAGS } from "./target-value.ts"

const messages: string[] = []
const names = baseNames({
  id: "an-id",
  startedAt: new Date("2024-03-05T06:07:08.000Z"),
  flags: { ...NO_FLAGS, fullRefresh: true },
  env: { SHOP: "bikes", DBT_ENV_SECRET_KEY: "hidden" },
  target: TARGET,
  projectName: "shop",
  log: { info: (text) => messages.push(text), debug: () => {}, warn: (text) => messages.push(`warning: ${text}`) },
})
const environment = dbtEnvironment("strict")
const render = (text: string): string => environment.render(text, { lookup: (name: string) => names.get(name) })

test("has the functions of dbt with Python's results", () => {
  const cases: [string, string][] = [
    ["tojson({'a': 1.0, 'b': [none, true]}, sort_keys=true)", '{"a": 1.0, "b": [null, true]}'],
    ["fromjson('{\"a\": [1, 2.5]}').a[1] + 1", "3.5"],
    ["fromjson('{', 'no')", "no"],
    ["fromyaml('a: [yes, 12:30]')", "{'a': [True, 750]}"],
    ["toyaml({'b': 1, 'a': ['x']})", "b: 1\na:\n  - x\n"],
    ["set([1, 2, 1]) | length", "2"],
    ["set(1)", "None"],
    ["zip([1, 2], 'ab') | list", "[(1, 'a'), (2, 'b')]"],
    ["zip([1], 2)", "None"],
    ["local_md5('a')", "0cc175b9c0f1b6a831c399e269772661"],
    ["env_var('SHOP') ~ env_var('NONE', 'x')", "bikesx"],
    ["target.schema ~ target.name ~ target.get('pass', '-') ~ target.password", "publicdev-"],
    ["flags.FULL_REFRESH ~ project_name ~ dbt_version[:3] ~ invocation_id", "Trueshop1.9an-id"],
    ["run_started_at.strftime('%Y-%m-%d %H:%M:%S')", "2024-03-05 06:07:08"],
    ["diff_of_two_dicts({'select': ['a', 'B']}, {'SELECT': ['b']})", "{'select': ['a']}"],
  ]
  for (const [expression, expected] of cases)
    assert.equal(render(`{{ ${expression} }}`), expected.replace(/\n$/, "\n"), expression)
})

test("keeps times as Python's datetime does", () => {
  const cases: [string, string][] = [
    ["dt(2024, 2, 28) + delta(days=2)", "2024-03-01 00:00:00"],
    ["dt(2024, 3, 1) - dt(2024, 2, 1, 12)", "28 days, 12:00:00"],
    ["(dt(2024, 1, 1) - dt(2024, 1, 2)).days", "-1"],
    ["delta(hours=25, minutes=1).total_seconds()", "90060.0"],
    ["dt.strptime('05/Mar/24 17:08', '%d/%b/%y %H:%M').isoformat()", "2024-03-05T17:08:00"],
    ["dt.strptime('2024-01-01T00:00:00.123456Z', '%Y-%m-%dT%H:%M:%S.%fZ')", "2024-01-01 00:00:00.123456"],
    ["dt.fromisoformat('2024-01-01T10:00:00+02:00').astimezone(pytz.utc)", "2024-01-01 08:00:00+00:00"],
    ["pytz.timezone('America/New_York').localize(dt(2024, 7, 1, 12)).isoformat()", "2024-07-01T12:00:00-04:00"],
    ["run_started_at.astimezone(pytz.timezone('Asia/Tokyo')).strftime('%H:%M %z')", "15:07 +0900"],
    [
      "modules.datetime.date(2024, 12, 30).isocalendar()[1] ~ ' ' ~ modules.datetime.date(2024, 12, 30)",
      "1 2024-12-30",
    ],
    ["dt(2024, 1, 31).replace(month=3, hour=4)", "2024-03-31 04:00:00"],
    ["dt(2024, 1, 1) < dt(2024, 1, 2) and dt(2024, 1, 1) == dt(2024, 1, 1)", "True"],
    ["dt(2024, 1, 1).strftime('%A %j %y %-d %I%p %U %%')", "Monday 001 24 1 12AM 00 %"],
    ["dt(2024, 1, 1).weekday() ~ dt(2024, 1, 1).date()", "02024-01-01"],
  ]
  const given =
    "{% set dt = modules.datetime.datetime %}{% set delta = modules.datetime.timedelta %}{% set pytz = modules.pytz %}"
  for (const [expression, expected] of cases) assert.equal(render(`${given}{{ ${expression} }}`), expected, expression)
  assert.throws(() => render(`${given}{{ dt.strptime('x', '%Y') }}`), /time data 'x' does not match format '%Y'/)
  assert.throws(() => render(`${given}{{ dt(2024, 2, 30) }}`), /day is out of range/)
})

test("matches expressions and combines lists as Python's modules do", () => {
  const cases: [string, string][] = [
    ["re.match('b', 'abc')", "None"],
    ["re.search('(?P<x>b)(c)?', 'abd').groupdict()", "{'x': 'b'}"],
    ["re.match('(a)(b)', 'abc').groups()", "('a', 'b')"],
    ["re.sub('(\\\\w)-(\\\\w)', '\\\\2-\\\\1', 'a-b c-d')", "b-a d-c"],
    ["re.sub('a', 'x', 'aaa', 2)", "xxa"],
    ["re.findall('[0-9]+', 'a1b22')", "['1', '22']"],
    ["re.split(',\\\\s*', 'a, b,c')", "['a', 'b', 'c']"],
    ["re.fullmatch('a.', 'ab').span()", "(0, 2)"],
    ["re.compile('A', re.IGNORECASE).search('xa').start()", "1"],
    ["it.product([1, 2], 'a') | list", "[(1, 'a'), (2, 'a')]"],
    ["it.chain([1], [2, 3]) | list", "[1, 2, 3]"],
    ["it.combinations([1, 2, 3], 2) | list", "[(1, 2), (1, 3), (2, 3)]"],
  ]
  const given = "{% set re = modules.re %}{% set it = modules.itertools %}"
  for (const [expression, expected] of cases) assert.equal(render(`${given}{{ ${expression} }}`), expected, expression)
})

test("keeps secrets from templates, and says which variable is missing", () => {
  assert.throws(() => render("{{ env_var('DBT_ENV_SECRET_KEY') }}"), /DBT_ENV_SECRET_KEY is a secret/)
  assert.throws(() => render("{{ env_var('NONE') }}"), /The environment variable NONE is not set/)
  assert.doesNotMatch(render("{{ target }}"), /secret/)
})

test("logs and warns without leaving a trace in the text", () => {
  messages.length = 0
  assert.equal(render("a{{ log('told', info=true) }}{{ log('not told') }}{% do exceptions.warn('careful') %}b"), "ab")
  assert.deepEqual(messages, ["told", "warning: careful"])
})
