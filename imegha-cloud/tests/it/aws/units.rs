//! What DynamoDB bills a request as, on demand: by the sizes of its items.

use serde_json::Value;

/// Units of writing and of reading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Units {
    pub(crate) written: u64,
    pub(crate) read: u64,
}

impl Units {
    /// Of one request, by its body and its answer's. Reads are consistent ones here: a unit for each 4 KB. A write in a
    /// transaction is two units for each KB.
    pub(crate) fn of(operation: &str, request: &[u8], answer: &[u8]) -> Self {
        let (request, answer) = (parse(request), parse(answer));
        match operation {
            "TransactWriteItems" => {
                let actions = request["TransactItems"].as_array().into_iter().flatten();
                Self { written: actions.map(|action| 2 * size_of_action(action).div_ceil(1_000).max(1)).sum(), read: 0 }
            }
            // Of a page the sum is rounded, of single items each is.
            "Query" => read(items(&answer["Items"]).map(size).sum()),
            "GetItem" => read(size(&answer["Item"])),
            "BatchGetItem" => {
                let tables = answer["Responses"].as_object().into_iter().flat_map(|tables| tables.values());
                Self { written: 0, read: tables.flat_map(items).map(|item| read(size(item)).read).sum() }
            }
            other => panic!("{other} is not billed here"),
        }
    }
}

impl std::ops::AddAssign for Units {
    fn add_assign(&mut self, other: Self) {
        self.written += other.written;
        self.read += other.read;
    }
}

fn parse(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or_default()
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn read(bytes: u64) -> Units {
    Units { written: 0, read: bytes.div_ceil(4_000).max(1) }
}

/// The item that is put; of what is deleted or checked, the key, whose item is not longer than a KB in a cloud of this test.
fn size_of_action(action: &Value) -> u64 {
    size(&action["Put"]["Item"])
}

/// Names and values of the attributes; each value here is binary.
fn size(item: &Value) -> u64 {
    let attributes = item.as_object().into_iter().flatten();
    attributes
        .map(|(name, value)| name.len() as u64 + value["B"].as_str().map_or(0, |text| text.len() as u64 * 3 / 4))
        .sum()
}
