//! Batches that DynamoDB and SQS carry out in part, and answer with the rest.

use serde_json::{Map, Value, json};

/// A batch, divided.
pub(crate) struct Divided {
    /// The request for what is carried out.
    pub(crate) request: Value,
    /// What is left to the caller, by its table. Of SQS, the ids of entries.
    left: Map<String, Value>,
}

impl Divided {
    /// Leaves out what chance says, never all of it: that would be throttling. `None` if nothing is left
    /// out, or if it is no batch.
    pub(crate) fn of(
        operation: &str,
        mut request: Value,
        mut is_left: impl FnMut() -> bool,
    ) -> Option<Self> {
        let mut left = Map::new();
        let mut is_first = true;
        let mut is_left = |_: &mut Value| !std::mem::take(&mut is_first) && is_left();
        match operation {
            "BatchGetItem" => {
                let tables = request["RequestItems"].as_object_mut()?;
                for (table, asked) in tables.iter_mut() {
                    let mut rest = asked.clone();
                    let keys = asked["Keys"].as_array_mut()?;
                    let kept_back: Vec<Value> = keys.extract_if(.., &mut is_left).collect();
                    if !kept_back.is_empty() {
                        rest["Keys"] = json!(kept_back);
                        left.insert(table.clone(), rest);
                    }
                }
                tables.retain(|_, asked| asked["Keys"] != json!([]));
            }
            "ChangeMessageVisibilityBatch" => {
                let entries = request["Entries"].as_array_mut()?;
                for entry in entries.extract_if(.., &mut is_left) {
                    left.insert(entry["Id"].as_str()?.to_owned(), Value::Null);
                }
            }
            _ => return None,
        }
        (!left.is_empty()).then_some(Self { request, left })
    }

    /// The answer to the whole request, from that to what was carried out.
    pub(crate) fn answer(self, mut answer: Value) -> Value {
        if self.request.get("RequestItems").is_some() {
            answer["UnprocessedKeys"] = Value::Object(self.left);
            return answer;
        }
        let failed = |id| json!({ "Id": id, "Code": "InternalError", "SenderFault": false });
        if let Some(known) = answer["Failed"].as_array_mut() {
            known.extend(self.left.into_iter().map(|(id, _)| failed(id)));
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_are_left_are_returned_with_what_was_asked_of_them() {
        let keys = |ids: &[u8]| ids.iter().map(|id| json!({ "id": id })).collect::<Vec<_>>();
        let table = |ids: &[u8]| json!({ "Keys": keys(ids), "ConsistentRead": true });
        let request = json!({ "RequestItems": { "A": table(&[1, 2]), "B": table(&[3]) } });
        let divided = Divided::of("BatchGetItem", request, || true).expect("something is left");
        assert_eq!(divided.request, json!({ "RequestItems": { "A": table(&[1]) } }));
        let answer = divided.answer(json!({ "Responses": {}, "UnprocessedKeys": {} }));
        assert_eq!(answer["UnprocessedKeys"], json!({ "A": table(&[2]), "B": table(&[3]) }));
    }

    #[test]
    fn entries_that_are_left_have_failed() {
        let request = json!({ "QueueUrl": "q", "Entries": [{ "Id": "0" }, { "Id": "1" }] });
        let operation = "ChangeMessageVisibilityBatch";
        assert!(Divided::of(operation, request.clone(), || false).is_none());
        let divided = Divided::of(operation, request, || true).expect("something is left");
        assert_eq!(divided.request["Entries"], json!([{ "Id": "0" }]));
        let answer = divided.answer(json!({ "Successful": [{ "Id": "0" }], "Failed": [] }));
        assert_eq!(answer["Failed"][0]["Id"], "1");
    }
}
