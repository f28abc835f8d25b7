//! What functions get that speak the REST services, and what is seen of their work.

use reqwest::header::ACCEPT;

use super::*;
use crate::cxone::{
    Called, PlannedCall, Text,
    acd::{ACCESS_KEY_ID, ACCESS_KEY_SECRET, DNC_GROUP, Number},
};

async fn around(token_auth: &str) -> Surroundings {
    let options = Options {
        cxone_api: Api::Acd,
        token_auth: token_auth.to_owned(),
        skilled_campaigns: vec!["spring".to_owned(), "77".to_owned()],
        campaigns: r#"[{"campaignId":"autumn","contacts":[{"timezone":"Europe/London"}]}]"#
            .to_owned(),
        ..Options::default()
    };
    Surroundings::with(options).await.expect("the services start")
}

/// A function's variables, and a client that does with them what they are for.
struct Function {
    variables: BTreeMap<String, String>,
    http: reqwest::Client,
    token: String,
}

impl Function {
    async fn of(around: &Surroundings, name: &str) -> Self {
        let variables = around.environments[name].clone();
        let http = reqwest::Client::new();
        let request = http.post(&variables["CXONE_TOKEN_URL"]).header(ACCEPT, "application/json");
        let form = [
            ("grant_type", "password"),
            ("username", ACCESS_KEY_ID),
            ("password", ACCESS_KEY_SECRET),
            ("client_id", cxone::CLIENT_ID),
            ("client_secret", cxone::CLIENT_SECRET),
        ];
        let key = json!({ "accessKeyId": ACCESS_KEY_ID, "accessKeySecret": ACCESS_KEY_SECRET });
        let request = match variables["CXONE_TOKEN_AUTH"].as_str() {
            "access-key" => request.json(&key),
            _ => request.form(&form),
        };
        let answer: Value =
            request.send().await.expect("an answer").json().await.expect("a JSON document");
        let token = answer["access_token"].as_str().expect("a token").to_owned();
        Self { variables, http, token }
    }

    async fn ask(&self, base: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let url = format!("{}{path}", self.variables[base]);
        let request = match body {
            Some(body) => self.http.post(url).json(&body),
            None => self.http.get(url),
        };
        let request = request.bearer_auth(&self.token).header(ACCEPT, "application/json");
        let answer = request.send().await.expect("an answer");
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }
}

fn pairs(text: &str) -> BTreeMap<&str, &str> {
    text.split(',').map(|pair| pair.split_once('=').expect("a pair")).collect()
}

#[tokio::test]
async fn functions_are_led_to_the_tenant_however_they_get_their_tokens() {
    for token_auth in ["basic", "form", "access-key"] {
        let around = around(token_auth).await;
        let calling = around.environments.values().filter(|it| it.contains_key("CXONE_BASE_URL"));
        assert!(
            calling
                .clone()
                .all(|it| it["CXONE_API"] == "acd" && it["CXONE_TOKEN_AUTH"] == token_auth)
        );
        assert_eq!(calling.count(), 5);
        let function = Function::of(&around, "dnc-batcher").await;
        assert_eq!(function.variables["CXONE_DNC_LIST_ID"], "1001");
        let (status, _) = function
            .ask("CXONE_BASE_URL", "/incontactapi/services/v30.0/dnc-groups/1001", None)
            .await;
        assert_eq!(status, 200, "{token_auth}");
    }
}

#[tokio::test]
async fn functions_of_the_other_api_get_nothing_of_it() {
    let around = Surroundings::start().await.expect("the services start");
    for (function, variables) in &around.environments {
        let is_blank = |name: &str| variables.get(name).is_none_or(String::is_empty);
        assert!(variables.get("CXONE_API").is_none_or(|api| api == "v2"), "{function}");
        assert!(is_blank("CXONE_SKILLS") && is_blank("CXONE_DFO_URL"), "{function}");
    }
}

#[tokio::test]
async fn each_campaign_has_a_skill_and_the_sender_a_channel() {
    let around = around("basic").await;
    let function = Function::of(&around, "callback-intake").await;
    let skills = pairs(&function.variables["CXONE_SKILLS"]);
    for campaign in ["spring", "autumn", "campaign-1", "campaign-renewals"] {
        let path = format!("/incontactapi/services/v30.0/skills/{}", skills[campaign]);
        let (status, skill) = function.ask("CXONE_BASE_URL", &path, None).await;
        assert_eq!((status, &skill["skillName"]), (200, &json!(campaign)));
    }
    let lists = around.cxone.tenant().lists.clone();
    let [list] = &lists.values().collect::<Vec<_>>()[..] else { panic!("one list: {lists:?}") };
    assert_eq!((list.skill.to_string(), list.total()), (skills["autumn"].to_owned(), 40));
    assert!(!skills.contains_key("77"), "a number needs no entry");
    let (status, _) =
        function.ask("CXONE_BASE_URL", "/incontactapi/services/v30.0/skills/77", None).await;
    assert_eq!(status, 200);
    let channels = pairs(&function.variables["CXONE_DFO_CHANNELS"]);
    let (_, found) = function.ask("CXONE_DFO_URL", "/dfo/3.0/channels", None).await;
    assert_eq!(found[0]["id"], channels[SMS_SENDER]);
}

#[tokio::test]
async fn the_view_is_the_same_whatever_api_did_the_work() {
    let around = around("basic").await;
    let function = Function::of(&around, "callback-intake").await;
    let skills = pairs(&function.variables["CXONE_SKILLS"]);
    let skill: i64 = skills["spring"].parse().expect("a number");
    let at = "2027-03-02T10:00:00Z";
    let records = json!({ "dncGroupRecords": [{ "phoneNumber": 2_025_550_142_i64 }] });
    let callback = json!({
        "firstName": "", "lastName": "", "phoneNumber": "+442079460018", "skillId": skill,
        "scheduleDate": at,
    });
    let text = json!({
        "messageContent": { "type": "TEXT", "payload": { "text": "See you" } },
        "recipients": [{ "idOnExternalPlatform": "+12025550143" }],
    });
    {
        let mut tenant = around.cxone.tenant();
        tenant.add_contact(2001, None);
        tenant.list(DNC_GROUP, Number::read("2025550144").expect("a number"));
        let group = tenant.groups.get_mut(&DNC_GROUP).expect("a group");
        // It has expired.
        group.records.values_mut().for_each(|record| record.expires = Some(record.since));
    }
    let services = "/incontactapi/services/v30.0";
    let channel = &pairs(&function.variables["CXONE_DFO_CHANNELS"])[SMS_SENDER];
    for (base, path, body) in [
        ("CXONE_BASE_URL", format!("{services}/dnc-groups/1001/records"), records),
        ("CXONE_BASE_URL", format!("{services}/scheduled-callbacks"), callback),
        ("CXONE_DFO_URL", format!("/dfo/3.0/channels/{channel}/outbound"), text),
        (
            "CXONE_BASE_URL",
            format!("{services}/contacts/2001/tags"),
            json!({ "tags": [{ "tagId": 2 }] }),
        ),
    ] {
        assert_eq!(function.ask(base, &path, Some(body)).await.0, 200, "{path}");
    }
    let view = around.cxone.view();
    assert!(view.listed.iter().eq(["+12025550142"]) && around.cxone.is_listed("+12025550142"));
    let number = "+442079460018".to_owned();
    let at = at.parse().expect("an instant");
    assert_eq!(view.callbacks, [PlannedCall { campaign: "spring".to_owned(), number, at }]);
    let (to, message) = ("+12025550143".to_owned(), "See you".to_owned());
    assert_eq!(view.texts, [Text { to, message }]);
    let category = Some("callback_later".to_owned());
    assert_eq!(view.called["2001"], Called { number: None, category });
}
