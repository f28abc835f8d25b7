//! What a message asks for, and which of several messages about one number counts.

use std::collections::HashMap;

use aws_lambda_events::sqs::SqsMessage;
use outbound::{DncReason, DncRequest, E164, Json, OptOutEvent, Region};
use platform::{
    batch::{Failure, Outcome, sent_at},
    queue,
};

/// Reads a message: a request of ours, or an opt-out event that was put back from the dead
/// letters once it could be read, say after the default region was corrected.
pub(crate) fn read(message: &SqsMessage, region: Region) -> Outcome<DncRequest> {
    let body = queue::original(message);
    let unreadable = |why: String| Failure::dead_letter("unreadable_message", why);
    let document = Json::parse(&body).map_err(|error| unreadable(format!("not JSON: {error}")))?;
    let Ok(event) = OptOutEvent::read(&document) else {
        let request = serde_json::from_str(document.as_written());
        return request.map_err(|error| unreadable(error.to_string()));
    };
    let number = E164::parse(&event.phone_number, region);
    let number = number
        .map_err(|invalid| Failure::dead_letter("invalid_phone_number", invalid.to_string()))?;
    Ok(DncRequest {
        phone_number: number,
        reason: DncReason::WebhookOptOut,
        event_id: event.event_id.or_else(|| message.message_id.clone()).unwrap_or_default(),
        requested_at: event.occurred_at.unwrap_or_else(|| sent_at(message)),
    })
}

/// One request per number, the oldest; and the oldest of all first.
pub(crate) fn oldest_per_number<'a>(
    requests: impl Iterator<Item = &'a DncRequest>,
) -> Vec<DncRequest> {
    let mut oldest: HashMap<&E164, &DncRequest> = HashMap::new();
    for request in requests {
        let kept = oldest.entry(&request.phone_number).or_insert(request);
        if request.requested_at < kept.requested_at {
            *kept = request;
        }
    }
    let mut requests: Vec<DncRequest> = oldest.into_values().cloned().collect();
    requests.sort_by(|a, b| {
        (a.requested_at, a.phone_number.as_str()).cmp(&(b.requested_at, b.phone_number.as_str()))
    });
    requests
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use chrono::DateTime;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn message(body: impl Into<String>) -> SqsMessage {
        let mut message = SqsMessage::default();
        message.message_id = Some("message-1".into());
        message.body = Some(body.into());
        message
    }

    fn request(number: u64, requested_at_s: i64) -> DncRequest {
        DncRequest {
            phone_number: format!("+{number}").parse().expect("E.164"),
            reason: DncReason::WebhookOptOut,
            event_id: format!("evt-{number}-{requested_at_s}"),
            requested_at: DateTime::from_timestamp(requested_at_s, 0).expect("a time"),
        }
    }

    #[test]
    fn a_request_of_ours_is_read_back() {
        let request = request(12_025_550_198, 7);
        let body = serde_json::to_string(&request).expect("it serialises");
        assert_eq!(read(&message(body), Region::US), Ok(request));
    }

    #[test]
    fn an_event_that_was_put_back_is_read_as_the_webhook_would() {
        let event = json!({
            "eventId": "evt-7",
            "eventType": "contact.opt_out",
            "data": { "phoneNumber": "020 7946 0018" },
        });
        let mut message = message(event.to_string());
        message.attributes.insert("SentTimestamp".into(), "1772445600000".into());
        let request = read(&message, "GB".parse().expect("a region")).expect("it can be read now");
        assert_eq!(request.phone_number.as_str(), "+442079460018");
        assert_eq!(request.event_id, "evt-7");
        assert_eq!(request.requested_at.timestamp(), 1_772_445_600);

        let code = |outcome: Outcome<DncRequest>| match outcome {
            Err(Failure::DeadLetter(reason)) => reason.code(),
            other => panic!("it cannot be read in the US: {other:?}"),
        };
        assert_eq!(code(read(&message, Region::US)), "invalid_phone_number");
    }

    #[test]
    fn what_is_neither_goes_to_the_dead_letters() {
        for body in ["", "not JSON", "{}", r#"{"phoneNumber":"2025550198"}"#] {
            let outcome = read(&message(body), Region::US);
            assert!(matches!(outcome, Err(Failure::DeadLetter(_))), "{body}");
        }
    }

    proptest! {
        #[test]
        fn every_number_is_listed_once_by_its_oldest_request_in_order(
            asked in prop::collection::vec((12_025_550_100_u64..12_025_550_110, 0_i64..100), 0..50),
        ) {
            let requests: Vec<_> = asked.iter().map(|(n, at)| request(*n, *at)).collect();
            let oldest = oldest_per_number(requests.iter());

            let asked_for: BTreeSet<_> = requests.iter().map(|r| &r.phone_number).collect();
            let listed: BTreeSet<_> = oldest.iter().map(|r| &r.phone_number).collect();
            prop_assert_eq!(&asked_for, &listed);
            prop_assert_eq!(listed.len(), oldest.len());
            prop_assert!(oldest.is_sorted_by_key(|r| r.requested_at));
            for chosen in &oldest {
                let mut same = requests.iter().filter(|r| r.phone_number == chosen.phone_number);
                prop_assert!(same.all(|r| r.requested_at >= chosen.requested_at));
            }
        }
    }
}
