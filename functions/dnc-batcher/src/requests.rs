//! Reads the messages of a batch and selects one request per number.

use std::collections::HashMap;

use aws_lambda_events::sqs::SqsMessage;
use chrono::{DateTime, Utc};
use outbound::{DncRequest, E164, Json, PreferenceEvent, Region, called_party::Fact};
use platform::{
    batch::{Failure, Outcome, sent_at},
    ledger::OptOut,
    queue,
};

/// What a message asks for.
#[derive(Debug, PartialEq)]
pub(crate) enum Message {
    /// To list a number.
    Request(DncRequest),
    /// To record a redriven opt-out, and list its number.
    OptOut(DncRequest, OptOut),
    /// To record a redriven wish that lists no number.
    Preference(E164, Fact),
}

/// Reads a message: a request of ours, or an event that was redriven from the dead letters once it
/// could be read, say after the default region was corrected.
pub(crate) fn read(message: &SqsMessage, region: Region) -> Outcome<Message> {
    let body = queue::original(message);
    let unreadable = |why: String| Failure::dead_letter("unreadable_message", why);
    let document = Json::parse(&body).map_err(|error| unreadable(format!("not JSON: {error}")))?;
    let Ok(event) = PreferenceEvent::read(&document) else {
        let request = serde_json::from_str(document.as_written());
        return request.map(Message::Request).map_err(|error| unreadable(error.to_string()));
    };
    let number = E164::parse(&event.phone_number, region);
    let number = number
        .map_err(|invalid| Failure::dead_letter("invalid_phone_number", invalid.to_string()))?;
    let (received_at, event_id) = (received_at(message), event_id(&event, message));
    if event.is_listed() {
        return Ok(opt_out(number, event, event_id, received_at));
    }
    Ok(Message::Preference(number, event.into_fact(event_id, received_at)))
}

fn opt_out(
    number: E164,
    event: PreferenceEvent,
    event_id: String,
    received_at: DateTime<Utc>,
) -> Message {
    let reason = event.reason();
    let opt_out = OptOut {
        number,
        event_id,
        event_type: event.event_type.to_owned(),
        requested_at: event.occurred_at.map_or(received_at, |at| at.min(received_at)),
        received_at,
        evidence: event.evidence,
    };
    let request = DncRequest {
        phone_number: opt_out.number.clone(),
        reason,
        event_id: opt_out.event_id.clone(),
        requested_at: opt_out.requested_at,
    };
    Message::OptOut(request, opt_out)
}

/// The sender's id of an event, or else that of its message.
fn event_id(event: &PreferenceEvent, message: &SqsMessage) -> String {
    let id = event.event_id.clone().filter(|id| !id.trim().is_empty());
    id.or_else(|| message.message_id.clone()).unwrap_or_default()
}

/// Time at which a redriven event arrived: that of its dead letter.
fn received_at(message: &SqsMessage) -> DateTime<Utc> {
    let sent_at = sent_at(message);
    let failed_at = message.message_attributes.get("failed_at");
    let failed_at = failed_at.and_then(|attribute| attribute.string_value.as_deref()?.parse().ok());
    failed_at.map_or(sent_at, |failed_at: DateTime<Utc>| failed_at.min(sent_at))
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

    use aws_lambda_events::sqs::SqsMessageAttribute;
    use outbound::DncReason;
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
        let body = serde_json::to_string(&request).expect("it serializes");
        assert_eq!(read(&message(body), Region::US), Ok(Message::Request(request)));
    }

    #[test]
    fn a_redriven_event_is_read_as_the_webhook_would() {
        let event = json!({
            "eventId": "evt-7",
            "eventType": "contact.opt_out",
            "data": { "phoneNumber": "020 7946 0018" },
        });
        let mut message = message(event.to_string());
        message.attributes.insert("SentTimestamp".into(), "1772445600000".into());
        let region = || "GB".parse().expect("a region");
        let Ok(Message::OptOut(request, opt_out)) = read(&message, region()) else {
            panic!("it can be read now")
        };
        assert_eq!(request.phone_number.as_str(), "+442079460018");
        assert_eq!(request.event_id, "evt-7");
        assert_eq!(request.requested_at.timestamp(), 1_772_445_600);
        assert_eq!((opt_out.number, opt_out.event_id), (request.phone_number, request.event_id));
        assert_eq!(opt_out.received_at, request.requested_at);

        let code = |outcome: Outcome<Message>| match outcome {
            Err(Failure::DeadLetter(reason)) => reason.code(),
            other => panic!("it cannot be read in the US: {other:?}"),
        };
        assert_eq!(code(read(&message, Region::US)), "invalid_phone_number");
    }

    fn redriven(event: &serde_json::Value) -> OptOut {
        let mut message = message(event.to_string());
        message.attributes.insert("SentTimestamp".into(), "1772445600000".into());
        let mut failed_at = SqsMessageAttribute::default();
        failed_at.string_value = Some("2026-03-01T10:00:00.500Z".to_owned());
        message.message_attributes.insert("failed_at".into(), failed_at);
        match read(&message, Region::US) {
            Ok(Message::OptOut(_, opt_out)) => opt_out,
            other => panic!("an opt-out: {other:?}"),
        }
    }

    #[test]
    fn a_redriven_event_came_in_when_it_became_a_dead_letter() {
        let event = |timestamp: &str| {
            json!({
                "eventType": "contact.opt_out",
                "timestamp": timestamp,
                "data": { "phoneNumber": "+12025550198" },
            })
        };
        let time = |text: &str| text.parse::<DateTime<Utc>>().expect("a time");
        let opt_out = redriven(&event("2026-03-01T09:59:00Z"));
        assert_eq!(opt_out.received_at, time("2026-03-01T10:00:00.500Z"));
        assert_eq!(opt_out.requested_at, time("2026-03-01T09:59:00Z"));
        let ahead = redriven(&event("2099-01-01T00:00:00Z"));
        assert_eq!(ahead.requested_at, ahead.received_at, "a clock that is ahead does not count");
    }

    #[test]
    fn a_redriven_wish_that_lists_nothing_is_no_request() {
        for event_type in ["contact.opt_in", "contact.opt_out"] {
            let event = json!({
                "eventId": "evt-7", "eventType": event_type,
                "data": { "phoneNumber": "+12025550198", "scope": { "topic": "sales" } },
            });
            let Ok(Message::Preference(number, fact)) =
                read(&message(event.to_string()), Region::US)
            else {
                panic!("{event_type} lists nothing")
            };
            assert_eq!((number.as_str(), fact.event_type.as_str()), ("+12025550198", event_type));
        }
    }

    #[test]
    fn an_event_without_an_id_has_that_of_its_message() {
        for id in [json!(null), json!(""), json!(" \t")] {
            let event = json!({
                "eventId": id,
                "eventType": "contact.opt_out",
                "data": { "phoneNumber": "+12025550198" },
            });
            assert_eq!(redriven(&event).event_id, "message-1", "{id}");
        }
    }

    #[test]
    fn other_messages_are_dead_lettered() {
        for body in ["", "not JSON", "{}", r#"{"phoneNumber":"2025550198"}"#] {
            let outcome = read(&message(body), Region::US);
            assert!(matches!(outcome, Err(Failure::DeadLetter(_))), "{body}");
        }
    }

    #[test]
    fn of_two_requests_of_one_instant_the_first_of_the_batch_counts() {
        let first = request(12_025_550_198, 7);
        let second = DncRequest { event_id: "evt-2".to_owned(), ..first.clone() };
        assert_eq!(oldest_per_number([&first, &second].into_iter()), [first]);
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
