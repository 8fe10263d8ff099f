//! What the template of a personal cloud promises. That services take it is `aws/stack.rs`'s to see.

use serde_json::{Value, json};

/// The template, whose functions are written out (`Fn::Sub`), so that any reader of YAML reads it.
fn template() -> Value {
    serde_saphyr::from_str(imegha_cloud::deploy::TEMPLATE).unwrap()
}

fn properties(resource: &str) -> Value {
    template()["Resources"][resource]["Properties"].clone()
}

#[test]
fn bucket_and_table_outlive_the_stack() {
    for resource in ["Bucket", "BucketPolicy", "Table"] {
        let resource = &template()["Resources"][resource];
        assert_eq!(
            (&resource["DeletionPolicy"], &resource["UpdateReplacePolicy"]),
            (&json!("Retain"), &json!("Retain"))
        );
        // A condition could take them away.
        assert_eq!(resource["Condition"], Value::Null);
        // Without a name of their own a stack made again never meets them.
        assert!(resource["Properties"]["BucketName"].is_null() && resource["Properties"]["TableName"].is_null());
    }
    assert_eq!(properties("Table")["DeletionProtectionEnabled"], true);
    assert_eq!(properties("Table")["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], true);
    assert_eq!(properties("Bucket")["VersioningConfiguration"]["Status"], "Enabled");
}

#[test]
fn the_bucket_is_private() {
    let bucket = properties("Bucket");
    let block = bucket["PublicAccessBlockConfiguration"].as_object().unwrap();
    assert!(block.len() == 4 && block.values().all(|value| *value == true), "{block:?}");
    assert_eq!(bucket["OwnershipControls"]["Rules"], json!([{ "ObjectOwnership": "BucketOwnerEnforced" }]));
    let encryption = &bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"][0];
    assert_eq!(encryption["ServerSideEncryptionByDefault"]["SSEAlgorithm"], "AES256");
    let policy = properties("BucketPolicy");
    assert_eq!(policy["Bucket"], json!({ "Ref": "Bucket" }));
    let statements = policy["PolicyDocument"]["Statement"].as_array().unwrap();
    let whole = json!([{ "Fn::GetAtt": ["Bucket", "Arn"] }, { "Fn::Sub": "${Bucket.Arn}/*" }]);
    for statement in statements {
        // It gives nothing to anybody.
        assert_eq!(
            (&statement["Effect"], &statement["Principal"], &statement["Action"]),
            (&json!("Deny"), &json!("*"), &json!("s3:*"))
        );
        assert_eq!(statement["Resource"], whole);
    }
    let conditions: Vec<_> = statements.iter().map(|statement| &statement["Condition"]).collect();
    assert!(conditions.contains(&&json!({ "Bool": { "aws:SecureTransport": "false" } })), "{conditions:?}");
    assert!(conditions.contains(&&json!({ "NumericLessThan": { "s3:TlsVersion": "1.2" } })), "{conditions:?}");
}

#[test]
fn unfinished_uploads_end_and_nothing_else_does() {
    let rules = properties("Bucket")["LifecycleConfiguration"]["Rules"].clone();
    let [rule] = &rules.as_array().unwrap()[..] else { panic!("one rule") };
    let expected = json!({
        "Id": "unfinished-uploads", "Status": "Enabled", "AbortIncompleteMultipartUpload": { "DaysAfterInitiation": 7 }
    });
    assert_eq!(*rule, expected);
}

/// The headers are those that a client sends to an address, and reads of its answer.
#[test]
fn pages_of_the_app_alone_reach_the_bucket() {
    let rules = properties("Bucket")["CorsConfiguration"]["CorsRules"].clone();
    let [rule] = &rules.as_array().unwrap()[..] else { panic!("one rule") };
    assert_eq!(rule["AllowedOrigins"], json!([{ "Ref": "AppOrigin" }]));
    assert_eq!(rule["AllowedMethods"], json!(["GET", "PUT"]));
    assert_eq!(rule["AllowedHeaders"], json!(["range", "if-none-match", imegha_cloud::protocol::CHECKSUM]));
    assert_eq!(rule["ExposedHeaders"], json!(["Content-Length", "Content-Range"]));
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

/// The gateway may do what the backend asks for, to its own bucket and table, and nothing else.
#[test]
fn the_gateway_may_do_what_it_needs() {
    let role = properties("GatewayRole");
    assert!(role["ManagedPolicyArns"].is_null());
    let [policy] = &role["Policies"].as_array().unwrap()[..] else { panic!("one policy") };
    let mut allowed = Vec::new();
    for statement in policy["PolicyDocument"]["Statement"].as_array().unwrap() {
        assert_eq!(statement["Effect"], "Allow");
        let resource = statement["Resource"].to_string();
        assert!(["Bucket", "Table", "GatewayLog"].iter().any(|name| resource.contains(name)), "{resource}");
        for action in statement["Action"].as_array().unwrap() {
            allowed.push((action.as_str().unwrap().to_owned(), resource.clone()));
        }
    }
    assert!(allowed.iter().all(|(action, _)| !action.contains('*')), "{allowed:?}");
    // What the documentation of the backend names.
    let documented = include_str!("../../src/backend/aws/mod.rs");
    let (_, documented) = documented.split_once("What a request needs:").unwrap();
    let (documented, _) = documented.split_once("on the table.").unwrap();
    let mut needed: Vec<_> =
        documented.split('`').skip(1).step_by(2).map(|name| name.rsplit(':').next().unwrap()).collect();
    let of_the_log = ["CreateLogStream", "PutLogEvents"];
    needed.extend(of_the_log);
    needed.sort_unstable();
    let mut names: Vec<_> = allowed.iter().map(|(action, _)| action.rsplit(':').next().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, needed);
    let trust = &role["AssumeRolePolicyDocument"]["Statement"];
    assert_eq!(trust[0]["Principal"], json!({ "Service": "lambda.amazonaws.com" }));
    assert_eq!(trust.as_array().unwrap().len(), 1);
}

#[test]
fn the_gateway_is_asked_by_its_url_alone() {
    let url = properties("GatewayUrl");
    assert_eq!((&url["AuthType"], &url["InvokeMode"]), (&json!("NONE"), &json!("BUFFERED")));
    // The gateway answers a page's preflight itself; two answers would be one too many.
    assert!(url["Cors"].is_null());
    let (by_url, invoke) = (properties("GatewayUrlPermission"), properties("GatewayInvokePermission"));
    for permission in [&by_url, &invoke] {
        assert_eq!(
            (&permission["FunctionName"], &permission["Principal"]),
            (&json!({ "Ref": "Gateway" }), &json!("*"))
        );
    }
    assert_eq!(
        (&by_url["Action"], &by_url["FunctionUrlAuthType"]),
        (&json!("lambda:InvokeFunctionUrl"), &json!("NONE"))
    );
    assert_eq!((&invoke["Action"], &invoke["InvokedViaFunctionUrl"]), (&json!("lambda:InvokeFunction"), &json!(true)));
    let permissions = template()["Resources"].as_object().unwrap().clone();
    assert_eq!(permissions.values().filter(|resource| resource["Type"] == "AWS::Lambda::Permission").count(), 2);
}

/// Each variable that the gateway is given is one that it reads, and is the program's own documentation's.
#[test]
fn the_gateway_is_told_what_it_reads() {
    let variables = properties("Gateway")["Environment"]["Variables"].as_object().unwrap().clone();
    for name in variables.keys() {
        assert!(include_str!("../../README.md").contains(&format!("| `{name}` |")), "{name}");
    }
    assert_eq!(variables["IMEGHA_GATEWAY_BUCKET"], json!({ "Ref": "Bucket" }));
    assert_eq!(variables["IMEGHA_GATEWAY_TABLE"], json!({ "Ref": "Table" }));
    assert_eq!(variables["IMEGHA_GATEWAY_OWNER"], json!({ "Ref": "Owner" }));
    assert_eq!(variables["IMEGHA_GATEWAY_BACKEND"], "aws");
}

#[test]
fn alarms_are_off_until_somebody_is_named() {
    let template = template();
    assert_eq!(template["Parameters"]["AlarmEmail"]["Default"], "");
    for (name, resource) in template["Resources"].as_object().unwrap() {
        let kind = resource["Type"].as_str().unwrap();
        let is_alarm = kind.starts_with("AWS::CloudWatch::") || kind.starts_with("AWS::SNS::");
        assert_eq!(resource["Condition"] == "HasAlarms", is_alarm, "{name}");
    }
}

#[test]
fn it_says_where_everything_is() {
    let outputs = template()["Outputs"].as_object().unwrap().clone();
    let mut names: Vec<_> = outputs.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["Bucket", "GatewayUrl", "Table"]);
    // A stack is made by hand too: what has no default is asked for, and nothing is that can be left out.
    let parameters = template()["Parameters"].as_object().unwrap().clone();
    let mut asked: Vec<_> =
        parameters.iter().filter(|(_, value)| value["Default"].is_null()).map(|(name, _)| name).collect();
    asked.sort_unstable();
    assert_eq!(asked, ["AppOrigin", "GatewayCodeBucket", "GatewayCodeKey", "Owner"]);
}
