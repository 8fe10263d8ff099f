//! What the template of a platform promises. That services take it is `aws/stack.rs`'s to see.

use serde_json::{Value, json};

/// The template, whose functions are written out (`Fn::Sub`), so that any reader of YAML reads it.
fn template() -> Value {
    serde_saphyr::from_str(include_str!("../../deploy/platform.yaml")).unwrap()
}

fn properties(resource: &str) -> Value {
    template()["Resources"][resource]["Properties"].clone()
}

#[test]
fn accounts_outlive_the_stack() {
    for resource in ["UserPool", "UserPoolClient", "Table"] {
        let resource = &template()["Resources"][resource];
        assert_eq!(
            (&resource["DeletionPolicy"], &resource["UpdateReplacePolicy"]),
            (&json!("Retain"), &json!("Retain"))
        );
        // A condition could take them away.
        assert_eq!(resource["Condition"], Value::Null);
        // Without a name of their own a stack made again never meets them.
        assert!(resource["Properties"]["UserPoolName"].is_null() && resource["Properties"]["TableName"].is_null());
    }
    assert_eq!(properties("UserPool")["DeletionProtection"], "ACTIVE");
    assert_eq!(properties("Table")["DeletionProtectionEnabled"], true);
    assert_eq!(properties("Table")["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], true);
}

#[test]
fn only_the_platform_speaks_to_cognito() {
    let client = properties("UserPoolClient");
    assert_eq!(client["GenerateSecret"], true);
    assert_eq!(client["PreventUserExistenceErrors"], "ENABLED");
    // The flow that takes credentials of AWS; refreshing, SRP and the pages of Cognito are nobody's.
    assert_eq!(client["ExplicitAuthFlows"], json!(["ALLOW_ADMIN_USER_PASSWORD_AUTH"]));
    assert_eq!(client["AllowedOAuthFlowsUserPoolClient"], false);
    assert!(client["AllowedOAuthFlows"].is_null() && client["CallbackURLs"].is_null());
    // Tokens are as short-lived as Cognito makes them.
    let lives = ["AccessTokenValidity", "IdTokenValidity", "RefreshTokenValidity"].map(|name| client[name].as_u64());
    assert_eq!(lives, [Some(5), Some(5), Some(60)]);
    let units = client["TokenValidityUnits"].as_object().unwrap();
    assert!(units.len() == 3 && units.values().all(|unit| unit == "minutes"), "{units:?}");
    let resources = template()["Resources"].as_object().unwrap().clone();
    let kinds: Vec<_> = resources.values().map(|resource| resource["Type"].as_str().unwrap().to_owned()).collect();
    assert_eq!(
        kinds.iter().filter(|kind| kind.starts_with("AWS::Cognito::")).count(),
        2,
        "no domain, no second client"
    );
}

/// A user's name is an account's id, so no address is one; the address is verified by its code before Cognito mails anything else there.
#[test]
fn a_user_is_named_by_the_account() {
    let pool = properties("UserPool");
    assert!(pool["UsernameAttributes"].is_null() && pool["AliasAttributes"].is_null());
    assert_eq!(pool["AutoVerifiedAttributes"], json!(["email"]));
    let recovery = &pool["AccountRecoverySetting"]["RecoveryMechanisms"];
    assert_eq!(*recovery, json!([{ "Name": "verified_email", "Priority": 1 }]));
    assert_eq!(pool["MfaConfiguration"], "OFF");
    let message = pool["VerificationMessageTemplate"]["EmailMessage"].as_str().unwrap();
    assert!(message.contains("{####}") && message.contains("15 minutes"));
}

/// The policy takes what every password becomes, and nothing shorter.
#[test]
fn the_password_policy_takes_auth_strings() {
    let pool = properties("UserPool");
    let policy = pool["Policies"]["PasswordPolicy"].as_object().unwrap();
    let auth = imegha_crypto::AuthSecret::parse_auth_string(&format!("iM1!{}", "A".repeat(43))).unwrap();
    let text = auth.to_auth_string();
    assert_eq!(policy["MinimumLength"].as_u64(), Some(text.len() as u64));
    // Whatever the rest is, the beginning has one of each kind that Cognito knows.
    for (rule, has) in [
        ("RequireLowercase", text[..4].bytes().any(|byte| byte.is_ascii_lowercase())),
        ("RequireUppercase", text[..4].bytes().any(|byte| byte.is_ascii_uppercase())),
        ("RequireNumbers", text[..4].bytes().any(|byte| byte.is_ascii_digit())),
        ("RequireSymbols", text[..4].bytes().any(|byte| b"^$*.[]{}()?-\"!@#%&/\\,><':;|_~`+=".contains(&byte))),
    ] {
        assert!(policy[rule] == true && has, "{rule}");
    }
}

#[test]
fn the_table_is_the_one_that_the_backend_writes() {
    let table = properties("Table");
    assert_eq!(table["BillingMode"], "PAY_PER_REQUEST");
    let key = |name: &str, kind: &str| json!({ "AttributeName": name, "KeyType": kind });
    assert_eq!(table["KeySchema"], json!([key("pk", "HASH"), key("sk", "RANGE")]));
    let attribute = |name: &str| json!({ "AttributeName": name, "AttributeType": "B" });
    assert_eq!(table["AttributeDefinitions"], json!([attribute("pk"), attribute("sk")]));
}

/// The server may do what identity and backend ask for, to its own pool and table, and nothing else.
#[test]
fn the_server_may_do_what_it_needs() {
    let statements = properties("ServerPolicy")["PolicyDocument"]["Statement"].clone();
    let mut allowed = Vec::new();
    for statement in statements.as_array().unwrap() {
        assert_eq!(statement["Effect"], "Allow");
        for action in statement["Action"].as_array().unwrap() {
            let action = action.as_str().unwrap();
            let (service, name) = action.split_once(':').unwrap();
            let resource = if service == "cognito-idp" { "UserPool" } else { "Table" };
            assert_eq!(statement["Resource"], json!({ "Fn::GetAtt": [resource, "Arn"] }), "{action}");
            assert!(["cognito-idp", "dynamodb"].contains(&service) && !name.contains('*'), "{action}");
            allowed.push(name.to_owned());
        }
    }
    // What the documentation of the two names.
    let between = |text: &'static str, from: &str, to: &str| {
        let (_, rest) = text.split_once(from).unwrap();
        let (named, _) = rest.split_once(to).unwrap();
        named.split('`').skip(1).step_by(2).map(|name| name.rsplit(':').next().unwrap()).collect::<Vec<_>>()
    };
    let mut needed =
        between(include_str!("../../src/identity/cognito/mod.rs"), "need on the pool:", "`deploy/platform.yaml`");
    let backend = include_str!("../../../imegha-cloud/src/backend/aws/mod.rs");
    let of_the_backend = between(backend, "What a request needs:", "on the table.");
    needed.extend(of_the_backend.iter().skip_while(|name| **name != "GetItem"));
    needed.sort_unstable();
    allowed.sort_unstable();
    assert_eq!(allowed, needed);

    let role = properties("ServerRole");
    assert_eq!(role["ManagedPolicyArns"], json!([{ "Ref": "ServerPolicy" }]));
    assert!(role["Policies"].is_null());
    let trust = role["AssumeRolePolicyDocument"]["Statement"].as_array().unwrap().clone();
    assert_eq!(trust.len(), 1);
    assert_eq!(trust[0]["Principal"], json!({ "Service": { "Ref": "ServerService" } }));
}

/// Each output is a variable of the server's, and none is a secret.
#[test]
fn it_says_where_everything_is() {
    let outputs = template()["Outputs"].as_object().unwrap().clone();
    let mut names: Vec<_> = outputs.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["ServerPolicy", "ServerRole", "Table", "UserPool", "UserPoolClient"]);
    assert!(outputs.values().all(|output| !output["Value"].to_string().contains("ClientSecret")));
    for (name, variable) in [("UserPool", "POOL"), ("UserPoolClient", "CLIENT")] {
        let variable = format!("IMEGHA_COGNITO_{variable}");
        assert!(outputs[name]["Description"].as_str().unwrap().starts_with(&variable));
        assert!(include_str!("../../../README.md").contains(&format!("`{variable}`")), "{variable}");
    }
    assert!(include_str!("../../../README.md").contains("`IMEGHA_TABLE`"));
}
