//! A record's value is never text: only sealing makes what `CloudValue::Sealed` takes.

use imegha_cloud::schema::CloudValue;

fn main() {
    let _ = CloudValue::Sealed("holiday.jpg");
    let _ = CloudValue::Sealed(String::from("holiday.jpg"));
    let _ = CloudValue::Sealed(b"holiday.jpg".to_vec());
    let _ = CloudValue::Text(String::from("holiday.jpg"));
}
