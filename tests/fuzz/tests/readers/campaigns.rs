//! Campaigns.

use bolero::check;
use fuzz::Body;
use outbound::{
    Json,
    campaign::{CallingHours, CampaignRequest},
};
use serde_json::Value;

const SAMPLES: [&str; 2] = [
    r#"{"campaignId":"spring","cron":"0 9 * * MON-FRI","windowHours":8,"expectedCompleted":40,"webhookUrl":"https://example.com/done","callingHours":"08:00-21:00"}"#,
    r#"{"campaignId":"17","cron":"30 10 1 * *","expectedCompleted":2,"purpose":"sales","contacts":[{"id":"c-1","timezone":"America/New_York"},{"id":"c-2","phoneNumber":"+12025550112","state":"DC","postalCode":"20001","country":"US"}]}"#,
];
const FIELDS: [&str; 8] = [
    "campaignId",
    "cron",
    "windowHours",
    "expectedCompleted",
    "webhookUrl",
    "callingHours",
    "purpose",
    "contacts",
];

#[test]
fn a_campaign_has_no_field_that_is_not_read() {
    check!().with_type::<Body>().for_each(|body| {
        let text = body.text(&SAMPLES);
        let Ok(json) = Json::parse(&text) else { return };
        let legal: CallingHours = "08:00-21:00".parse().expect("hours");
        match CampaignRequest::read(&json, &legal) {
            Ok(campaign) => {
                let Ok(Value::Object(fields)) = serde_json::from_str(&text) else { return };
                let unknown = fields.keys().find(|name| !FIELDS.contains(&name.as_str()));
                assert_eq!(unknown, None, "{text}");
                assert_eq!(
                    fields
                        .get("contacts")
                        .and_then(Value::as_array)
                        .map(Vec::len)
                        .unwrap_or_default(),
                    campaign.contacts.as_ref().map(Vec::len).unwrap_or_default(),
                    "{text}"
                );
            }
            Err(problems) => assert!(!problems.is_empty(), "{text}"),
        }
    });
}
