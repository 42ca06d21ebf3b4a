//! The JSON against its schema, and the schema against what it should say.

use serde_json::Value;

use crate::formats::columns;
use crate::support::{folder, succeeds, succeeds_in};

fn schema() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/results.schema.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// What is wrong with `value`: the words of the schema that it uses, no more.
fn wrong(schema: &Value, value: &Value, place: &str, problems: &mut Vec<String>) {
    if let Some(types) = schema.get("type") {
        let types = types.as_array().cloned().unwrap_or_else(|| vec![types.clone()]);
        if !types.iter().any(|t| is(value, t.as_str().unwrap())) {
            problems.push(format!("{place}: {value} is none of {types:?}"));
        }
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array)
        && !values.contains(value)
    {
        problems.push(format!("{place}: {value} is none of {values:?}"));
    }
    for (bound, broken) in [
        ("minimum", f64::lt as fn(&f64, &f64) -> bool),
        ("maximum", f64::gt),
        ("exclusiveMinimum", f64::le),
    ] {
        let (limit, number) = (schema.get(bound).and_then(Value::as_f64), value.as_f64());
        if let (Some(limit), Some(number)) = (limit, number)
            && broken(&number, &limit)
        {
            problems.push(format!("{place}: {number} breaks {bound} {limit}"));
        }
    }
    if let Some(object) = value.as_object() {
        wrong_object(schema, object, place, problems);
    }
    let items: &[Value] = value.as_array().map_or(&[], |items| items);
    for (at, item) in items.iter().enumerate() {
        let of_place = schema.get("prefixItems").and_then(|all| all.get(at));
        if let Some(schema) = of_place.or_else(|| schema.get("items")) {
            wrong(schema, item, &format!("{place}[{at}]"), problems);
        }
    }
}

fn wrong_object(
    schema: &Value,
    object: &serde_json::Map<String, Value>,
    place: &str,
    problems: &mut Vec<String>,
) {
    for name in schema["required"].as_array().into_iter().flatten() {
        if !object.contains_key(name.as_str().unwrap()) {
            problems.push(format!("{place}: no {name}"));
        }
    }
    for (name, value) in object {
        match schema["properties"].get(name) {
            Some(schema) => wrong(schema, value, &format!("{place}.{name}"), problems),
            None => problems.push(format!("{place}.{name} is not in the schema")),
        }
    }
}

fn is(value: &Value, name: &str) -> bool {
    match name {
        "null" => value.is_null(),
        "string" => value.is_string(),
        "integer" => value.is_u64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("the schema has an unknown type '{other}'"),
    }
}

fn problems(json: &str) -> Vec<String> {
    let mut problems = Vec::new();
    wrong(&schema(), &serde_json::from_str(json).unwrap(), "$", &mut problems);
    problems
}

#[test]
fn outputs_obey_the_schema() {
    let outputs: [&[&str]; 7] = [
        &["--from", "puma -w 2 -t 1:3", "--service", "3s", "--clients", "3"],
        &["--service", "3s", "--workers", "1,9", "--memory", "1G", "--worker-memory", "200M"],
        &["--workers", "1,4", "--service", "3s", "--clients", "3"],
        &[
            "--workers",
            "1,2",
            "--service",
            "exp(20ms)",
            "--rate",
            "60/s",
            "--requests",
            "300",
            "--replications",
            "2",
        ],
        &[
            "--service",
            "exp(20ms)",
            "--rate",
            "60/s",
            "--requests",
            "300",
            "--replications",
            "2",
            "--backlog",
            "3",
            "--patience",
            "exp(50ms)",
            "--cores",
            "500m",
            "--workers",
            "4",
        ],
        &["--service", "20ms", "--clients", "4", "--duration", "2s", "--replications", "1"],
        &[
            "--class",
            "sync",
            "--hosts",
            "2",
            "--pool",
            "1,unlimited",
            "--io",
            "20ms",
            "--clients",
            "4",
            "--duration",
            "2s",
        ],
    ];
    for arguments in outputs {
        let json = succeeds(&[arguments, &["--format", "json"]].concat());
        assert_eq!(problems(&json), Vec::<String>::new(), "{arguments:?}");
    }
    let folder = folder();
    let scenario = "service = '3s'\n[[case]]\nname = 'a'\n[[case]]\nname = 'b'\ncores = 1\n";
    std::fs::write(folder.path().join("s.toml"), scenario).unwrap();
    let json = succeeds_in(folder.path(), &["run", "s.toml", "--format", "json"]);
    assert_eq!(problems(&json), Vec::<String>::new());
}

/// The check can fail.
#[test]
fn what_breaks_the_schema_is_seen() {
    let good = succeeds(&["--service", "3s", "--format", "json"]);
    for (from, to, part) in [
        ("\"workers\": 1", "\"workers\": 0", "$.rows[0].workers: 0 breaks minimum 1"),
        ("\"stable\": \"finite\"", "\"stable\": \"maybe\"", "$.rows[0].stable"),
        ("\"refused\": 0", "\"refused\": null", "$.rows[0].refused"),
        ("\"wait_prob\"", "\"wait_probability\"", "$.rows[0]: no \"wait_prob\""),
        ("\"partial\": null", "\"partial\": 1", "$.partial"),
    ] {
        let bad = good.replacen(from, to, 1);
        assert_ne!(good, bad, "{from}");
        let problems = problems(&bad);
        assert!(problems.iter().any(|problem| problem.starts_with(part)), "{part}: {problems:?}");
    }
}

/// Every column is described, and times and rates say their unit.
#[test]
fn every_field_is_described() {
    let schema = schema();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    let row = &schema["properties"]["rows"]["items"];
    for name in columns(true) {
        let text = row["properties"][&name]["description"].as_str().unwrap_or("");
        assert!(text.len() > 10, "{name} has no description");
        for (ending, unit) in [("_per_s", "per second"), ("_s", "second")] {
            let base = name.trim_end_matches("_ci");
            assert!(!base.ends_with(ending) || text.contains(unit), "{name}: {text}");
        }
        if name != "case" {
            let required = row["required"].as_array().unwrap();
            assert!(required.contains(&Value::String(name.clone())), "{name} is not required");
        }
    }
}
