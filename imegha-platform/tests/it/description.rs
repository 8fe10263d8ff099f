//! The description of the API: all of it is there, and every answer that any of these tests gets is one that it names.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use axum::http::{HeaderMap, Method, StatusCode, header};
use imegha_platform::api;
use serde_json::Value;

use crate::world::World;

static DESCRIPTION: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(api::description()).unwrap());

/// Panics where an answer is not one that the description names: its status, its media type, and the code of a problem.
pub(crate) fn check(method: &Method, path: &str, status: StatusCode, headers: &HeaderMap, body: &[u8]) {
    let what = format!("{method} {path} is answered {status}");
    let media = headers.get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap());
    let problem: Option<Value> =
        (media == Some("application/problem+json")).then(|| serde_json::from_slice(body).unwrap());
    let code = problem.as_ref().map(|problem| problem["code"].as_str().unwrap());
    let Some(item) = described(path) else {
        return assert_eq!(code, Some("not_found"), "{what}: a path that is not described");
    };
    let operation = &item[method.as_str().to_lowercase()];
    if operation.is_null() {
        return assert_eq!(code, Some("method_not_allowed"), "{what}: a method that is not described");
    }
    let answer = &operation["responses"][status.as_str()];
    assert!(!answer.is_null(), "{what} ({code:?}): a status that is not described");
    match (media, answer["content"].as_object()) {
        (None, None) => assert!(body.is_empty(), "{what}: a body"),
        (Some(media), Some(content)) => assert!(content.contains_key(media), "{what}: {media} is not described"),
        (media, _) => panic!("{what}: {media:?} is not described"),
    }
    if let Some(code) = code {
        let about = answer["description"].as_str().unwrap();
        assert!(about.contains(&format!("`{code}`")), "{what}: {code} is not described");
    }
}

/// What is described of a path: of two that fit the one with fewer names in braces. What stands for a name may be empty, but at the end.
fn described(path: &str) -> Option<&'static Value> {
    let path = path.split('?').next().unwrap();
    let fits = |described: &str| {
        let (parts, described) = (path.split('/'), described.split('/'));
        let last = parts.clone().count() - 1;
        last + 1 == described.clone().count()
            && parts.zip(described).enumerate().all(|(at, (part, described))| {
                described == part || described.starts_with('{') && !(part.is_empty() && at == last)
            })
    };
    let paths = DESCRIPTION["paths"].as_object().unwrap().iter().filter(|(described, _)| fits(described));
    paths.min_by_key(|(described, _)| described.matches('{').count()).map(|(_, item)| item)
}

/// Each operation: its method in upper case, its path, and itself.
pub(crate) fn operations() -> Vec<(String, &'static str, &'static Value)> {
    let of = |(path, item): (&'static String, &'static Value)| {
        item.as_object()
            .unwrap()
            .iter()
            .map(move |(method, operation)| (method.to_uppercase(), path.as_str(), operation))
    };
    DESCRIPTION["paths"].as_object().unwrap().iter().flat_map(of).collect()
}

#[tokio::test]
async fn it_is_served() {
    let world = World::memory();
    let answer = world.call(Method::GET, "/openapi.json", &[], None).await;
    assert_eq!((answer.status, answer.json()), (StatusCode::OK, DESCRIPTION.clone()));
    assert!(DESCRIPTION["openapi"].as_str().unwrap().starts_with("3.1."), "{}", DESCRIPTION["openapi"]);
    assert_eq!(DESCRIPTION["servers"][0]["url"], "/api/v1");
}

/// The routes are one table, so none is served that is not described. What people read lists them again.
#[test]
fn each_route_is_described_and_documented() {
    let described: BTreeSet<_> = operations().iter().map(|(method, path, _)| format!("{method} {path}")).collect();
    assert_eq!(described.len(), operations().len());
    let mut documented = BTreeSet::new();
    for row in include_str!("../../src/protocol/mod.rs").lines().filter_map(|line| line.strip_prefix("//! | `")) {
        let (route, rest) = row.split_once('`').unwrap();
        let route = route.split('?').next().unwrap();
        if let Some(actions) = rest.split_once(" |").map(|(actions, _)| actions).filter(|_| route.ends_with('/')) {
            assert_eq!(actions, " `decline`, `cancel`, `remove`, `block`, `unblock`");
            documented.insert(format!("{route}{{action}}"));
        } else {
            documented.insert(route.to_owned());
        }
    }
    assert_eq!(described, documented);
}

#[test]
fn the_list_of_codes_is_closed_and_each_is_some_operations() {
    let listed = DESCRIPTION["components"]["schemas"]["ProblemCode"]["enum"].as_array().unwrap();
    let listed: BTreeSet<_> = listed.iter().map(|code| code.as_str().unwrap()).collect();
    let mut said = BTreeSet::new();
    for (_, _, operation) in operations() {
        let answers = operation["responses"].as_object().unwrap().values();
        for about in answers.map(|answer| answer["description"].as_str().unwrap()) {
            said.extend(about.split('`').skip(1).step_by(2));
        }
    }
    assert!(said.is_subset(&listed), "{said:?}");
    let other: Vec<_> = listed.difference(&said).copied().collect();
    // One that only devices say, one that is said where there is no operation, one for what a later version says.
    assert_eq!(other, ["method_not_allowed", "password_refused", "unknown"]);
}

#[test]
fn who_need_not_be_signed_in_is_said() {
    let open: Vec<_> = operations()
        .into_iter()
        .filter(|(_, _, operation)| operation["security"].is_null())
        .map(|(method, path, operation)| {
            assert!(operation["responses"]["401"].is_null() || path == "/sign-in", "{method} {path}");
            format!("{method} {path}")
        })
        .collect();
    assert_eq!(
        open,
        [
            "GET /config",
            "GET /openapi.json",
            "POST /prelogin",
            "POST /recovery",
            "POST /recovery/finish",
            "POST /recovery/open",
            "POST /sign-in",
            "POST /sign-up",
            "POST /sign-up/confirm",
            "POST /sign-up/resend",
        ]
    );
    for (method, path, operation) in operations() {
        for scheme in operation["security"].as_array().into_iter().flatten() {
            let (name, _) = scheme.as_object().unwrap().iter().next().unwrap();
            assert!(!DESCRIPTION["components"]["securitySchemes"][name].is_null(), "{method} {path}: {name}");
        }
    }
}

/// Bytes and large numbers have named forms, and whatever is named is there.
#[test]
fn forms_are_named_and_names_lead_somewhere() {
    let schemas = &DESCRIPTION["components"]["schemas"];
    let text = DESCRIPTION.to_string();
    let names: Vec<_> = text.split("\"$ref\":\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(names.len() > 100, "{}", names.len());
    for name in names {
        let name = name.strip_prefix("#/components/schemas/").unwrap();
        assert!(!schemas[name].is_null(), "{name}");
    }
    for (schema, field, form) in [
        ("SignUpRequest", "account", "Bytes16"),
        ("SignUpRequest", "keys_signature", "Bytes64"),
        ("HistoryEntry", "previous", "Bytes32"),
        ("HistoryEntry", "ms", "Decimal"),
        ("PasswordWrap", "wrap", "Bytes"),
        ("SignInRequest", "auth_string", "AuthString"),
    ] {
        let field = &schemas[schema]["properties"][field];
        assert_eq!(field["$ref"], format!("#/components/schemas/{form}"), "{schema}: {field}");
        assert!(schemas[form].to_string().contains("pattern") || form == "AuthString", "{form}");
    }
}
